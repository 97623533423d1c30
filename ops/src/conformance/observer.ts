import { checkDeviceEvent } from '@vigil/contract/messages/event'
import { checkReportedConfig } from '@vigil/contract/messages/config'
import { checkDeviceState, type DeviceState } from '@vigil/contract/messages/state'
import { isGapNotice, MAX_TELEMETRY_BYTES, readTelemetryObject, type TelemetrySample } from '@vigil/contract/messages/telemetry'
import { decodeWaveFrame } from '@vigil/contract/messages/waveform'
import { judgeSample } from '@vigil/contract/plausibility'
import { type DeviceAddress, parseTopic } from '@vigil/contract/topics'
import { readJson } from '@vigil/program'
import type { Ledger } from './clauses.ts'
import { createNumbering, type Numbering } from './numbering.ts'

export interface SeenMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: number
  /** True for what the broker had kept from before, when watching began. */
  readonly retain: boolean
  readonly atMs: number
}

/** What is known of the device besides the verdicts. */
export interface Observer {
  see(message: SeenMessage): void
  birth(): DeviceState | undefined
  /** Whether a live object was dated: before that, a device may refuse commands because it does not know the time. */
  knowsTime(): boolean
  /** Newest reported configuration. */
  reported(): { readonly version: number; readonly set: Readonly<Record<string, unknown>>; readonly errors?: Readonly<Record<string, string>> } | undefined
  rewound(from: number): void
  highest(): number
  settle(nowMs: number): void
}

const LIVE_WITHIN_MS = 10 * 60_000
const kept: ReadonlySet<string> = new Set(['state', 'config/reported'])
const withReplies: ReadonlySet<string> = new Set(['state', 'tele', 'backlog', 'event', 'config/reported', 'command/reply'])

export function createObserver(address: DeviceAddress, ledger: Ledger): Observer {
  return new DeviceObserver(address, ledger)
}

class DeviceObserver implements Observer {
  readonly #address: DeviceAddress
  readonly #ledger: Ledger
  readonly #numbering: Numbering
  #birth: DeviceState | undefined
  #reported: ReturnType<Observer['reported']>
  #isDated = false

  constructor(address: DeviceAddress, ledger: Ledger) {
    this.#address = address
    this.#ledger = ledger
    this.#numbering = createNumbering(ledger)
  }

  see(message: SeenMessage): void {
    const parts = parseTopic(message.topic)
    const shown = `${message.topic} ${new TextDecoder().decode(message.payload)}`
    const isOwn = parts?.site === this.#address.site && parts.device === this.#address.device
    if (!parts || !isOwn) return this.#ledger.broken('topics', 'this is no channel of the protocol', shown)
    this.#ledger.kept('topics')
    if (parts.channel.startsWith('wave/')) return this.#wave(message)
    if (this.#envelope(parts.channel, message, shown)) this.#read(parts.channel, message)
  }

  birth(): DeviceState | undefined {
    return this.#birth
  }

  reported(): ReturnType<Observer['reported']> {
    return this.#reported
  }

  knowsTime(): boolean {
    return this.#isDated
  }

  rewound(from: number): void {
    this.#numbering.rewound(this.#birth?.e ?? '', from)
  }

  highest(): number {
    return this.#numbering.highest(this.#birth?.e ?? '')
  }

  settle(nowMs: number): void {
    this.#numbering.settle(nowMs)
  }

  #wave({ topic, payload }: SeenMessage): void {
    if (decodeWaveFrame(payload)) this.#ledger.kept('waves')
    else this.#ledger.broken('waves', 'this is no waveform frame', `${topic} (${payload.length} bytes)`)
  }

  /** How it was published; false when it is too long to be read. */
  #envelope(channel: string, { payload, qos, retain }: SeenMessage, shown: string): boolean {
    if (withReplies.has(channel) && qos < 1) this.#ledger.broken('quality', 'it was published at quality of service 0', shown)
    else if (withReplies.has(channel)) this.#ledger.kept('quality')
    if (retain && !kept.has(channel)) this.#ledger.broken('retained', `${channel} was published to be kept`, shown)
    else if (retain) this.#ledger.kept('retained')
    if (payload.length <= MAX_TELEMETRY_BYTES) return true
    this.#ledger.broken('object', `${payload.length} bytes in one message`, shown)
    return false
  }

  #state(value: unknown, text: string): void {
    const checked = checkDeviceState(value)
    if (!checked.ok) return this.#ledger.broken('birth', checked.reason, text)
    if (checked.value.st !== 'online') {
      if (checked.value.st === 'lost' || checked.value.st === 'off') this.#ledger.kept('will')
      return
    }
    this.#birth = checked.value
    if (this.#birth.e === undefined || this.#birth.caps === undefined) this.#ledger.broken('birth', 'a birth tells its epoch (e) and its capabilities (caps)', text)
    else this.#ledger.kept('birth')
  }

  #telemetry(value: unknown, text: string, channel: string, atMs: number): void {
    const objects = Array.isArray(value) ? value : [value]
    if (channel === 'backlog' && !isAscending(objects)) this.#ledger.broken('backlog', 'a backlog runs from the oldest number to the newest', text)
    else if (channel === 'backlog') this.#ledger.kept('backlog')
    for (const object of objects) {
      const read = readTelemetryObject(object)
      const said = JSON.stringify(object)
      if (!read.ok) {
        this.#ledger.broken(isGap(object) ? 'gaps' : 'object', read.reason, said)
        continue
      }
      const { e, s } = read.object
      this.#numbered(e, s, said, atMs, isGapNotice(read.object) ? read.object.gap : undefined)
      if (isGapNotice(read.object)) continue
      this.#ledger.kept('object')
      this.#values(read.object, said)
      if (channel === 'tele') this.#live(read.object, said, atMs)
    }
  }

  #numbered(e: string, s: number, said: string, atMs: number, gap?: readonly [number, number]): void {
    if (this.#birth?.e !== undefined && e !== this.#birth.e) this.#ledger.broken('epoch', `the birth says epoch ${this.#birth.e}`, said)
    else if (this.#birth) this.#ledger.kept('epoch')
    this.#numbering.number(e, s, said, atMs, gap)
  }

  #values(sample: TelemetrySample, said: string): void {
    const { implausible } = judgeSample(sample)
    if (implausible) this.#ledger.broken('sentinels', `${Object.entries(implausible).map(([name, value]) => `${name} ${value}`).join(', ')} is no value of a person`, said)
    else if (Object.keys(sample.m).length > 0) this.#ledger.kept('sentinels')
    const both = Object.keys(sample.m).find((name) => sample.x && name in sample.x)
    const untold = (this.#birth?.caps?.signals ?? []).find((name) => !(name in sample.m) && !(sample.x && name in sample.x))
    if (both !== undefined) this.#ledger.broken('absence', `${both} is both there (m) and not there (x)`, said)
    else if (untold !== undefined) this.#ledger.broken('absence', `${untold} is among its signals, and is neither in m nor in x`, said)
    else if (this.#birth?.caps?.signals) this.#ledger.kept('absence')
  }

  #live({ t }: TelemetrySample, said: string, atMs: number): void {
    if (t === undefined) return
    this.#isDated = true
    if (Math.abs(t - atMs) > LIVE_WITHIN_MS) this.#ledger.broken('clock', `t is ${Math.round(Math.abs(t - atMs) / 60_000)} minutes from now`, said)
    else this.#ledger.kept('clock')
  }

  #event(value: unknown, text: string, atMs: number): void {
    const checked = checkDeviceEvent(value)
    if (!checked.ok) return this.#ledger.broken('events', checked.reason, text)
    this.#ledger.kept('events')
    this.#numbered(checked.value.e, checked.value.s, text, atMs)
  }

  #configuration(value: unknown, text: string): void {
    const checked = checkReportedConfig(value)
    if (checked.ok) this.#reported = checked.value
    else this.#ledger.broken('configuration', checked.reason, text)
  }

  #read(channel: string, { payload, atMs, retain }: SeenMessage): void {
    const text = new TextDecoder().decode(payload)
    const value = readJson(text)
    if (value === undefined) return this.#ledger.broken(channel === 'state' ? 'birth' : 'object', 'this is not JSON', text)
    if (channel === 'state') return this.#state(value, text)
    if (channel === 'config/reported') return this.#configuration(value, text)
    // What the broker had kept of other channels is old, and a breach of its own.
    if (retain) return
    if (channel === 'tele' || channel === 'backlog') this.#telemetry(value, text, channel, atMs)
    else if (channel === 'event') this.#event(value, text, atMs)
  }
}

const isGap = (value: unknown): boolean => typeof value === 'object' && value !== null && 'gap' in value
const numberOf = (value: unknown): number => Number((value as { s?: unknown } | null)?.s)
const isAscending = (objects: readonly unknown[]): boolean => objects.every((object, i) => i === 0 || numberOf(object) >= numberOf(objects[i - 1]))
