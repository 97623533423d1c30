import { deviation, mean, median } from '../maths/statistics.ts'

/** Regularity of a run of beats; intervals in samples. */
export interface BeatSeries {
  readonly at: readonly number[]
  /** Mean interval with outliers (missed or extra beats) left out. */
  readonly interval: number | undefined
  /** Mean of all intervals, without judgement. */
  readonly wholeInterval: number | undefined
  /** Coefficient of variation of the intervals; infinite with fewer than two. */
  readonly irregularity: number
}

const OUTLIER_SHARE = 0.3

export function describeBeats(at: readonly number[]): BeatSeries {
  const intervals = intervalsOf(at)
  if (intervals.length < 2) return { at, interval: undefined, wholeInterval: undefined, irregularity: Number.POSITIVE_INFINITY }
  const middle = median(intervals)
  const kept = intervals.filter((v) => Math.abs(v - middle) <= OUTLIER_SHARE * middle)
  const whole = mean(intervals)
  return { at, interval: kept.length < 2 ? undefined : mean(kept), wholeInterval: whole, irregularity: deviation(intervals) / whole }
}

export function intervalsOf(at: readonly number[]): number[] {
  return at.slice(1).map((v, i) => v - (at[i] as number))
}
