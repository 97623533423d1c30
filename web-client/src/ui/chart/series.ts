import type { History } from '@vigil/contract/api/history'

export type HistoryPoint = readonly number[]

/** One value out of the record; at `raw` the three are the same. */
export interface Recorded {
  readonly t: number
  readonly min: number
  readonly mean: number
  readonly max: number
}

export interface XY {
  readonly x: number
  readonly y: number
}

/** Lines of a chart: where nothing was recorded they hold NaN, which a line breaks at. */
export interface Lines {
  readonly mean: XY[]
  readonly min: XY[]
  readonly max: XY[]
  readonly hasBand: boolean
}

/** Two points further apart than this many buckets are not joined. */
export const JOIN_WITHIN = 1.75

export function recordedOf(point: HistoryPoint): Recorded {
  const [t = 0, first = Number.NaN, mean = first, max = first] = point
  return { t, min: first, mean, max }
}

/** Points of a series as lines, broken wherever a bucket is missing: a gap is never joined. */
export function linesOf(points: readonly HistoryPoint[], bucketMs: number): Lines {
  const lines: Lines = { mean: [], min: [], max: [], hasBand: points.some((p) => p.length > 2) }
  let last: number | undefined
  for (const point of points) {
    const { t, min, mean, max } = recordedOf(point)
    if (last !== undefined && t - last > JOIN_WITHIN * bucketMs) {
      for (const line of [lines.mean, lines.min, lines.max]) line.push({ x: last + 1, y: Number.NaN })
    }
    lines.mean.push({ x: t, y: mean })
    lines.min.push({ x: t, y: min })
    lines.max.push({ x: t, y: max })
    last = t
  }
  return lines
}

/** The record at a moment: the nearest point within one bucket, or nothing. */
export function recordedAt(points: readonly HistoryPoint[], tMs: number, bucketMs: number): Recorded | undefined {
  let low = 0
  let high = points.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? 0) < tMs) low = middle + 1
    else high = middle
  }
  const near = [points[low - 1], points[low]].filter((p): p is HistoryPoint => p !== undefined)
  const best = near.sort((a, b) => Math.abs((a[0] ?? 0) - tMs) - Math.abs((b[0] ?? 0) - tMs))[0]
  return best && Math.abs((best[0] ?? 0) - tMs) <= bucketMs ? recordedOf(best) : undefined
}

export interface Summary {
  readonly low: { readonly v: number; readonly t: number }
  readonly high: { readonly v: number; readonly t: number }
}

/** Lowest and highest value with when it was: "SpO2 last night, minimum and time". */
export function summarise(points: readonly HistoryPoint[]): Summary | undefined {
  let low: Summary['low'] | undefined
  let high: Summary['high'] | undefined
  for (const point of points) {
    const { t, min, max } = recordedOf(point)
    if (!low || min < low.v) low = { v: min, t }
    if (!high || max > high.v) high = { v: max, t }
  }
  return low && high ? { low, high } : undefined
}

/** How many points lie outside a fixed scale: what a chart cannot show it must say. */
export function outsideScale(points: readonly HistoryPoint[], low: number, high: number): number {
  return points.filter((point) => recordedOf(point).min < low || recordedOf(point).max > high).length
}

/** Rows of the table twin: one per time, a column per signal. */
export function tableRows(history: History): { t: number; values: (Recorded | undefined)[] }[] {
  const byTime = new Map<number, (Recorded | undefined)[]>()
  history.series.forEach(({ points }, column) => {
    for (const point of points) {
      const recorded = recordedOf(point)
      const row = byTime.get(recorded.t) ?? history.series.map(() => undefined)
      row[column] = recorded
      byTime.set(recorded.t, row)
    }
  })
  return [...byTime].sort(([a], [b]) => a - b).map(([t, values]) => ({ t, values }))
}
