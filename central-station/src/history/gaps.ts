import { concat } from './columns.ts'

/** Times without any sample, ms since the Unix epoch. */
export type Gap = readonly [fromMs: number, toMs: number]

/** A silence longer than this many expected steps is a gap: nothing may be drawn across it. */
export const GAP_STEPS = 3

/** Median of the steps between samples; `undefined` without two samples. The lower one of two: a silence is no interval. */
export function medianStep(series: readonly Float64Array[]): number | undefined {
  const steps = concat(series.map((times) => times.subarray(1).map((t, i) => t - (times[i] as number)))).filter((step) => step > 0).sort()
  return steps[(steps.length - 1) >> 1]
}

/** Gaps between samples, and from either end of the range to the nearest one. Times in order. */
export function gapsBetween(times: Float64Array, fromMs: number, toMs: number, stepMs: number): Gap[] {
  const gaps: Gap[] = []
  let last = fromMs
  const step = (t: number) => {
    if (t - last > GAP_STEPS * stepMs) gaps.push([last, t])
    last = t
  }
  for (const t of times) step(t)
  step(toMs)
  return gaps
}

/** What of `[fromMs, toMs)` no covered run touches; runs in order and disjoint. */
export function uncovered(runs: readonly Gap[], fromMs: number, toMs: number): Gap[] {
  const out: Gap[] = []
  let next = fromMs
  for (const [from, to] of runs) {
    if (from > next) out.push([next, Math.min(from, toMs)])
    next = Math.max(next, to)
  }
  if (next < toMs) out.push([next, toMs])
  return out
}

/** Samples around and inside a stretch that the roll-ups show as empty. */
export interface Surroundings {
  /** Last sample before it, when there is one within a bucket's reach. */
  readonly before: number | undefined
  readonly after: number | undefined
  readonly first: number | undefined
  readonly last: number | undefined
  /** Silences longer than the limit between samples inside: samples that held no value at all leave no roll-up. */
  readonly inside: readonly Gap[]
}

export interface RefineLimits {
  /** The span the stretch lies in. */
  readonly within: Gap
  /** How far beyond the stretch `before` and `after` were looked for: one bucket. */
  readonly reachMs: number
  readonly stepMs: number
}

/** The true gaps of an empty stretch, to the sample. */
export function refine([fromMs, toMs]: Gap, around: Surroundings, { within, reachMs, stepMs }: RefineLimits): Gap[] {
  // The bucket beside it may be filled by samples outside the span alone: then the silence goes on to the span's end.
  const start = around.before ?? (fromMs - reachMs < within[0] ? within[0] : fromMs)
  const end = around.after ?? (toMs + reachMs > within[1] ? within[1] : toMs)
  const parts: Gap[] = around.first === undefined || around.last === undefined ? [[start, end]] : [[start, around.first], ...around.inside, [around.last, end]]
  return parts.filter(([from, to]) => to - from > GAP_STEPS * stepMs)
}

/**
 * Overlapping gaps as one, in order. Gaps that only touch stay two, because the sample between them is real, unless they
 * touch at a border where one device's time ends or begins.
 */
export function joinGaps(gaps: readonly Gap[], borders: ReadonlySet<number>): Gap[] {
  const out: [number, number][] = []
  for (const [from, to] of gaps.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last && (from < last[1] || (from === last[1] && borders.has(from)))) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}
