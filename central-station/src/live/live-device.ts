import type { DeviceEvent, DeviceState, DeviceStatus, JudgedSample, SignalName } from '@vigil/contract'
import type { ReportedFact } from '../registry/world.ts'
import { type ClockOffset, createClockOffset } from './clock-offset.ts'
import { createIntervalEstimate, type IntervalEstimate } from './interval-estimate.ts'
import { createLatestValues, type LatestValues } from './latest-values.ts'
import type { Heard } from './presence.ts'

/** Everything heard of one device in this life of the central station, begun with what the database remembered. */
export interface LiveDevice {
  readonly id: string
  readonly latest: LatestValues
  readonly interval: IntervalEstimate
  readonly clockOffset: ClockOffset
  heard: Heard | undefined
  lastSeenMs: number | undefined
  birth: DeviceState | undefined
  reported: ReportedFact | undefined
  /** As last told to the screens. */
  status: DeviceStatus
  toldIntervalMs: number
}

/** Until a device said or showed otherwise. */
export const DEFAULT_INTERVAL_MS = 1_000

export function newLiveDevice(id: string, remembered: { birth: DeviceState | null; reported: ReportedFact | null; lastSeenMs: number | null }): LiveDevice {
  return {
    id,
    latest: createLatestValues(),
    interval: createIntervalEstimate(),
    clockOffset: createClockOffset(),
    heard: undefined,
    lastSeenMs: remembered.lastSeenMs ?? undefined,
    birth: remembered.birth ?? undefined,
    reported: remembered.reported ?? undefined,
    status: remembered.lastSeenMs === null ? 'never' : 'lost',
    toldIntervalMs: DEFAULT_INTERVAL_MS,
  }
}

/** What the device says it runs with, else what its samples show, else one second. */
export function intervalOf(device: LiveDevice): number {
  const reported = device.reported?.set['interval_ms']
  if (typeof reported === 'number' && reported >= 200 && reported <= 300_000) return reported
  return device.interval.ms() ?? DEFAULT_INTERVAL_MS
}

/** When and how one telemetry object came. */
export interface SampleFacts {
  readonly lane: 'tele' | 'backlog'
  readonly epoch: string
  readonly seq: number
  /** When measured, never later than now. */
  readonly t: number
  /** The same by our clock: on the live lane, what the device's clock is behind by is added. */
  readonly ourMs: number
  /** The device's clock was not believed, or is so far behind that what it measures now looks old. */
  readonly clockSuspect: boolean
}

/** What listeners of the live lane are told. Nothing here waits for anything. */
export interface LiveListener {
  /** Every telemetry object, also those that change nothing. Not called for the broker's kept copies. */
  sample?(device: string, sample: JudgedSample, facts: SampleFacts): void
  /** A monitor told of one of its own alarms, or gave a sign of life. */
  event?(device: string, event: DeviceEvent): void
  values?(device: string, signals: readonly SignalName[]): void
  /** Status or interval changed. */
  presence?(device: string, status: DeviceStatus): void
  /** `fresh`: from the device itself now, not the broker's kept copy. */
  birth?(device: string, state: DeviceState, fresh: boolean): void
  reported?(device: string, reported: ReportedFact): void
  reply?(device: string, payload: unknown): void
  wave?(device: string, channel: string, frame: Uint8Array): void
}
