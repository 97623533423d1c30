import {
  type Channel,
  CLOCK_BEHIND_LIMIT_MS,
  checkDeviceEvent,
  checkDeviceState,
  checkReportedConfig,
  type Clock,
  type DeviceState,
  type DeviceStatus,
  isGapNotice,
  judgeSample,
  judgeTime,
  type LatestValue,
  MAX_TELEMETRY_BYTES,
  MAX_TELEMETRY_OBJECTS,
  parseTopic,
  readTelemetryObject,
  type SignalName,
  type Stop,
  type TelemetrySample,
} from '@vigil/contract'
import { isCborArray, isSenml } from '@vigil/contract/senml'
import { readJson } from '@vigil/program'
import type { Registry } from '../registry/registry.ts'
import type { ReportedFact } from '../registry/world.ts'
import { newestOf } from './newest-of.ts'
import { intervalOf, type LiveDevice, type LiveListener, newLiveDevice, type SampleFacts } from './live-device.ts'
import type { Lane } from './latest-values.ts'
import { statusOf, type Word } from './presence.ts'

/** Why the live lane left something aside; label of `vigil_live_dropped_total`. */
export const dropReasons = ['topic', 'unknown_device', 'wrong_site', 'retired', 'too_large', 'json', 'schema', 'viewer_slow', 'viewer_cut'] as const
export type DropReason = (typeof dropReasons)[number]
export type CountDrop = (reason: DropReason) => void

export interface Message {
  readonly topic: string
  readonly payload: Uint8Array
  /** The broker's kept copy, not the device itself speaking now. */
  readonly retained: boolean
}

/** The newest of everything, in memory. Reads never wait and never touch the database. */
export interface LiveHub {
  receive(message: Message): void
  status(device: string): DeviceStatus
  intervalMs(device: string): number
  /** How far its clock is ahead of ours; `undefined` while it has not told the time. */
  clockOffMs(device: string): number | undefined
  lastSeenMs(device: string): number | undefined
  birth(device: string): DeviceState | undefined
  reported(device: string): ReportedFact | undefined
  latest(device: string, sinceMs: number): Partial<Record<SignalName, LatestValue>>
  latestOf(device: string, signal: SignalName, sinceMs: number): LatestValue | undefined
  /** Values known from elsewhere (the database, at start): never replace newer ones. */
  seed(device: string, values: TelemetrySample['m'], t: number): void
  /** Judges every device's presence by the clock; called once a second. */
  sweep(): void
  listen(listener: LiveListener): Stop
}

export function createLiveHub(options: { registry: Registry; clock: Clock; countDrop: CountDrop }): LiveHub {
  return new Hub(options)
}

const SEED_EPOCH = '(database)'

class Hub implements LiveHub {
  readonly #registry: Registry
  readonly #clock: Clock
  readonly #countDrop: CountDrop
  readonly #devices = new Map<string, LiveDevice>()
  readonly #listeners = new Set<LiveListener>()

  constructor({ registry, clock, countDrop }: { registry: Registry; clock: Clock; countDrop: CountDrop }) {
    this.#registry = registry
    this.#clock = clock
    this.#countDrop = countDrop
  }

  receive({ topic, payload, retained }: Message): void {
    const address = parseTopic(topic)
    if (!address) return this.#countDrop('topic')
    const fact = this.#registry.now().devices.get(address.device)
    if (!fact) return this.#countDrop('unknown_device')
    if (fact.retiredAtMs !== null) return this.#countDrop('retired')
    if (fact.site !== address.site) return this.#countDrop('wrong_site')
    const device = this.#device(address.device)
    if (!device) return
    if (!retained) this.#heard(device, 'alive')
    if (address.channel.startsWith('wave/')) return this.#tell('wave', address.device, address.channel.slice('wave/'.length), payload)
    if (payload.length > MAX_TELEMETRY_BYTES) return this.#countDrop('too_large')
    const body = readJson(payload)
    // A pack of SenML: the bridge says it once more as telemetry.
    if (body === undefined ? isCborArray(payload) : isSenml(body)) return
    if (body === undefined) return this.#countDrop('json')
    this.#take(device, address.channel, body, retained)
  }

  status(id: string): DeviceStatus {
    const device = this.#device(id)
    return device ? this.#judge(device) : 'never'
  }

  intervalMs(id: string): number {
    const device = this.#device(id)
    return device ? intervalOf(device) : 1_000
  }

  clockOffMs(id: string): number | undefined {
    return this.#device(id)?.clockOffset.ms()
  }

  lastSeenMs(id: string): number | undefined {
    return this.#device(id)?.lastSeenMs
  }

  birth(id: string): DeviceState | undefined {
    return this.#device(id)?.birth
  }

  reported(id: string): ReportedFact | undefined {
    return this.#device(id)?.reported
  }

  latest(id: string, sinceMs: number): Partial<Record<SignalName, LatestValue>> {
    return this.#devices.get(id)?.latest.since(sinceMs) ?? {}
  }

  latestOf(id: string, signal: SignalName, sinceMs: number): LatestValue | undefined {
    return this.#devices.get(id)?.latest.one(signal, sinceMs)
  }

  seed(id: string, values: TelemetrySample['m'], t: number): void {
    const device = this.#device(id)
    const changed = device?.latest.take(judgeSample({ e: SEED_EPOCH, s: 1, m: values }), { lane: 'backlog', t, epoch: SEED_EPOCH, seq: t }) ?? []
    if (changed.length > 0) this.#tell('values', id, changed)
  }

  sweep(): void {
    for (const device of this.#devices.values()) this.#tellPresence(device)
  }

  listen(listener: LiveListener): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #take(device: LiveDevice, channel: Channel, body: unknown, retained: boolean): void {
    if (channel === 'live' && isEvent(body)) return this.#takeEvent(device, body)
    if (channel === 'tele' || channel === 'live') return this.#takeSamples(device, body, retained ? 'backlog' : 'tele', retained)
    if (channel === 'backlog') return this.#takeSamples(device, body, 'backlog', retained)
    if (channel === 'state') return this.#takeState(device, body, retained)
    if (channel === 'config/reported') return this.#takeReported(device, body)
    if (channel === 'command/reply') this.#tell('reply', device.id, body)
  }

  #takeSamples(device: LiveDevice, body: unknown, lane: Lane, retained: boolean): void {
    const objects = Array.isArray(body) ? (body as unknown[]) : [body]
    if (objects.length > MAX_TELEMETRY_OBJECTS) return this.#countDrop('too_large')
    const receivedMs = this.#clock.now()
    const upNow = newestOf(objects, 'up')
    const newest = lane === 'tele' ? newestOf(objects, 't') : undefined
    if (newest !== undefined) device.clockOffset.hear(newest, receivedMs)
    const behindMs = lane === 'tele' ? device.clockOffset.behindMs() : 0
    const changed = new Set<SignalName>()
    for (const value of objects) {
      const object = this.#readSample(value)
      if (object === undefined) continue
      const when = dated(object, { receivedMs, upNow, behindMs })
      const sample = judgeSample(object)
      if (lane === 'tele') device.interval.add(when.t)
      for (const signal of device.latest.take(sample, { lane, t: when.t, epoch: object.e, seq: object.s })) changed.add(signal)
      if (!retained) this.#tell('sample', device.id, sample, { lane, epoch: object.e, seq: object.s, ...when })
    }
    if (changed.size > 0) this.#tell('values', device.id, [...changed])
  }

  #readSample(value: unknown): TelemetrySample | undefined {
    const reading = readTelemetryObject(value)
    if (!reading.ok) this.#countDrop('schema')
    else if (!isGapNotice(reading.object)) return reading.object
    return undefined
  }

  /** Events come by the live lane alone: what boards say of themselves is in their samples. */
  #takeEvent(device: LiveDevice, body: unknown): void {
    const checked = checkDeviceEvent(body)
    if (checked.ok) this.#tell('event', device.id, checked.value)
    else this.#countDrop('schema')
  }

  #takeState(device: LiveDevice, body: unknown, retained: boolean): void {
    const checked = checkDeviceState(body)
    if (!checked.ok) return this.#countDrop('schema')
    const state = checked.value
    if (state.st === 'online') {
      device.birth = state
      if (retained && device.heard?.word !== 'alive') this.#heard(device, 'assumed')
      this.#tell('birth', device.id, state, !retained)
    } else if (!retained || device.heard?.word !== 'alive') this.#heard(device, state.st === 'sleeping' ? 'sleeping' : 'gone')
  }

  #takeReported(device: LiveDevice, body: unknown): void {
    const checked = checkReportedConfig(body)
    if (!checked.ok) return this.#countDrop('schema')
    const { version, set, errors = {} } = checked.value
    device.reported = { version, set, errors, atMs: this.#clock.now() }
    this.#tell('reported', device.id, device.reported)
    this.#tellPresence(device)
  }

  #heard(device: LiveDevice, word: Word): void {
    device.heard = { word, atMs: this.#clock.monotonic() }
    if (word === 'alive') device.lastSeenMs = this.#clock.now()
    this.#tellPresence(device)
  }

  #tellPresence(device: LiveDevice): void {
    const status = this.#judge(device)
    const intervalMs = intervalOf(device)
    if (status === device.status && intervalMs === device.toldIntervalMs) return
    device.status = status
    device.toldIntervalMs = intervalMs
    this.#tell('presence', device.id, status)
  }

  #judge(device: LiveDevice): DeviceStatus {
    return statusOf({ heard: device.heard, everSeen: device.lastSeenMs !== undefined }, this.#clock.monotonic(), intervalOf(device))
  }

  #device(id: string): LiveDevice | undefined {
    const known = this.#devices.get(id)
    if (known) return known
    const fact = this.#registry.now().devices.get(id)
    if (!fact) return undefined
    const fresh = newLiveDevice(id, fact)
    this.#devices.set(id, fresh)
    return fresh
  }

  #tell<K extends keyof LiveListener>(what: K, ...facts: Parameters<NonNullable<LiveListener[K]>>): void {
    for (const listener of this.#listeners) (listener[what] as ((...facts: unknown[]) => void) | undefined)?.(...facts)
  }
}

function dated(object: TelemetrySample, { receivedMs, upNow, behindMs }: { receivedMs: number; upNow: number | undefined; behindMs: number }): Pick<SampleFacts, 't' | 'ourMs' | 'clockSuspect'> {
  const { t: believedMs, claimedT } = judgeTime(object, receivedMs, upNow)
  // A device clock ahead of ours would keep its values looking fresh after it fell silent.
  const t = Math.min(receivedMs, believedMs)
  return { t, ourMs: Math.min(receivedMs, t + behindMs), clockSuspect: claimedT !== undefined || behindMs > CLOCK_BEHIND_LIMIT_MS }
}

function isEvent(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'ev' in body
}
