import type { DeviceConfig } from '@vigil/contract/api/devices'
import { baseIntervalRange } from '../../ui/interval-range.ts'

/** How the asked interval stands beside the reported one. */
export type IntervalState = 'never-asked' | 'waiting' | 'in-force' | 'refused' | 'differs'

const KEY = 'interval_ms'
const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

export interface IntervalView {
  readonly askedMs: number | undefined
  readonly reportedMs: number | undefined
  readonly state: IntervalState
  /** The device's own words when it refused. */
  readonly why: string | undefined
}

export function intervalView({ desired, reported }: DeviceConfig, runningMs: number | undefined): IntervalView {
  const askedMs = asNumber(desired.set[KEY])
  const reportedMs = asNumber(reported.set[KEY]) ?? runningMs
  const why = reported.errors[KEY]
  const answered = reported.version >= desired.version
  const state: IntervalState =
    askedMs === undefined ? 'never-asked' : !answered ? 'waiting' : why !== undefined ? 'refused' : askedMs === reportedMs ? 'in-force' : 'differs'
  return { askedMs, reportedMs, state, why }
}

/** Everything asked so far with the new interval: a save never drops another key. */
export const withInterval = ({ desired }: DeviceConfig, ms: number): Record<string, unknown> => ({ ...desired.set, [KEY]: ms })

const choices = [200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000]

/** Intervals the device's own schema allows. */
export function intervalChoices(schema: unknown): number[] {
  const { minimum, maximum } = baseIntervalRange(schema)
  return choices.filter((ms) => ms >= minimum && ms <= maximum)
}
