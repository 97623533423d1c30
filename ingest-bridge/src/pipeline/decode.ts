import { checkDeviceEvent, isGapNotice, readTelemetryObject, type DeviceAddress, type DeviceEvent, type ErrorCode, type TelemetryObject, type TelemetryReading } from '@vigil/contract'
import { jsonText } from '@vigil/program'
import { createClockBook } from './clock-book.ts'
import { createDater, type Dating, type Lane } from './dating.ts'
import { createEpochWatch } from './epoch-watch.ts'
import type { DeadItem, Item, Numbered, Origin } from './item.ts'
import type { Notice } from './notice.ts'
import { type Arrival, openMessage } from './open-message.ts'
import { toSampleItem } from './sample-item.ts'

export interface Decoded {
  /** Everything the message becomes: what is stored and what is laid aside. Never empty. */
  readonly items: readonly Item[]
  readonly notices: readonly Notice[]
}

export interface Decoder {
  decode(arrival: Arrival): Decoded
}

/** Turns messages into items. Pure but for what it remembers of each board's clock and epochs. */
export function createDecoder(): Decoder {
  const book = createClockBook()
  const epochs = createEpochWatch()

  return {
    decode(arrival) {
      const opened = openMessage(arrival)
      const { source, topic, receivedAt, payload } = arrival
      const from: Origin = { source, topic, receivedAt, payload, address: opened.address }
      if (opened.what === 'dead') return { items: [deadItem(from, opened.code, opened.reason, opened.key)], notices: [] }
      if (opened.what === 'event') return decodeEvent(from, opened.address, opened.value)
      const { items, notices } = decodeTelemetry(from, opened.address, opened.lane, opened.objects)
      const { refused = [] } = opened
      return { items: [...items, ...refused.map(({ record, why }) => deadItem(from, 'INVALID_TELEMETRY', why, undefined, Buffer.from(jsonText(record))))], notices }
    },
  }

  function decodeTelemetry(from: Origin, address: DeviceAddress, lane: Lane, objects: readonly unknown[]): Decoded {
    const readings = objects.map(readTelemetryObject)
    const good: TelemetryObject[] = []
    for (const reading of readings) if (reading.ok) good.push(reading.object)
    const device = `${address.site}/${address.device}`
    const dater = createDater(book, { device, lane, receivedAt: from.receivedAt, objects: good })
    const notices = lane === 'live' ? twinNotices(address, device, good.at(-1), from.receivedAt) : []
    const items = readings.map((reading, i): Item => {
      if (!reading.ok) return refusedObject(from, reading, objects.length === 1 ? from.payload : Buffer.from(jsonText(objects[i])))
      const { object } = reading
      if (isGapNotice(object)) return { kind: 'gap', from, epoch: object.e, seq: object.s, lost: object.gap }
      const dating = dater.date(object)
      noteSuspect(notices, address, dating, from.receivedAt)
      return toSampleItem(object, from, lane, dating)
    })
    return { items, notices }
  }

  function twinNotices(address: DeviceAddress, device: string, newest: TelemetryObject | undefined, at: number): Notice[] {
    const twin = newest && epochs.heard(device, newest.e, at)
    return newest && twin !== undefined ? [{ address, kind: 'two_epochs', detail: { epochs: [newest.e, twin].sort().join(' ') } }] : []
  }

  function decodeEvent(from: Origin, address: DeviceAddress, value: unknown): Decoded {
    const checked = checkDeviceEvent(value)
    if (!checked.ok) return { items: [deadItem(from, 'INVALID_EVENT', checked.reason, looseKey(value))], notices: [] }
    const event = checked.value
    const key = { epoch: event.e, seq: event.s }
    const problem = problemOf(event)
    if (problem !== undefined) return { items: [deadItem(from, 'INVALID_EVENT', problem, key)], notices: [] }
    const notices: Notice[] = []
    // Events overtake telemetry on purpose, so they say nothing of how numbers and times rise: judged like a backlog.
    const dating = createDater(book, { device: `${address.site}/${address.device}`, lane: 'backlog', receivedAt: from.receivedAt, objects: [event] }).date(event)
    noteSuspect(notices, address, dating, from.receivedAt)
    const data = dating.claimedT === undefined ? event.data : { ...event.data, claimed_t: dating.claimedT }
    return { items: [{ kind: 'event', from, ...key, t: dating.t, ev: event.ev, phase: event.ph, src: event.src, data: data && JSON.stringify(data) }], notices }
  }
}

export function deadItem(from: Origin, code: ErrorCode, reason: string, key?: Numbered, payload: Buffer = from.payload): DeadItem {
  return { kind: 'dead', from, key, code, reason, payload }
}

function refusedObject(from: Origin, { reason, key }: Extract<TelemetryReading, { ok: false }>, payload: Buffer): DeadItem {
  return deadItem(from, 'INVALID_TELEMETRY', reason, key && { epoch: key.e, seq: key.s }, payload)
}

function noteSuspect(notices: Notice[], address: DeviceAddress, dating: Dating, receivedAt: number): void {
  if (!dating.suspect || dating.claimedT === undefined) return
  notices.push({ address, kind: 'clock_suspect', detail: { why: dating.suspect, claimed_t: dating.claimedT, received_at: receivedAt } })
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair in text: said here by name, not by a failed transaction. */
function problemOf(event: DeviceEvent): string | undefined {
  if (event.t === undefined && event.up === undefined) return 'neither t nor up: the event has no time'
  const texts = Object.entries(event.data ?? {}).flat().filter((part) => typeof part === 'string')
  return texts.some((text) => text.includes('\0') || !text.isWellFormed()) ? 'data holds a NUL or broken Unicode' : undefined
}

/** The number of something that is no event, if it tells one. */
function looseKey(value: unknown): Numbered | undefined {
  const reading = readTelemetryObject(value)
  const key = reading.ok ? reading.object : reading.key
  return key && { epoch: key.e, seq: key.s }
}
