import { continuousSignals } from '@vigil/contract/alarms/continuous'
import type { History } from '@vigil/contract/api/history'
import { JOIN_WITHIN } from './series.ts'

type Span = readonly [fromMs: number, toMs: number]

/** How often and how long one signal had no value while its device sent others, ms. */
export interface Unmeasured {
  readonly times: number
  readonly ms: number
}

const continuous = new Set<string>(continuousSignals)

/**
 * Holes in one signal that are none in the telemetry: a finger off, movement, warming up. Spot values have none, and what is
 * missing of everything is told once for the whole record.
 */
export function unmeasured(history: Pick<History, 'series' | 'gaps' | 'bucketMs'>, signal: string): Unmeasured | undefined {
  const points = history.series.find((series) => series.signal === signal)?.points ?? []
  if (!continuous.has(signal) || points.length === 0) return undefined
  const sent = spanOf(history)
  const holes = holesOf(points.map(([t = 0]) => t), sent, history.bucketMs)
  const own = holes.map((hole) => lengthOf(hole) - history.gaps.reduce((sum, gap) => sum + overlap(hole, gap), 0)).filter((ms) => ms > history.bucketMs)
  return own.length === 0 ? undefined : { times: own.length, ms: own.reduce((sum, ms) => sum + ms, 0) }
}

/** From the first to the last point of any signal. */
function spanOf({ series }: Pick<History, 'series'>): Span {
  const ends = series.flatMap(({ points }) => (points.length === 0 ? [] : [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]))
  return [Math.min(...ends), Math.max(...ends)]
}

function holesOf(times: readonly number[], [first, last]: Span, bucketMs: number): Span[] {
  const edges = [first - bucketMs, ...times, last + bucketMs]
  return edges.slice(1).flatMap((t, i): Span[] => {
    const before = edges[i] ?? t
    return t - before > JOIN_WITHIN * bucketMs ? [[before + bucketMs, t]] : []
  })
}

const lengthOf = ([from, to]: Span): number => to - from
const overlap = ([a, b]: Span, [c, d]: Span): number => Math.max(0, Math.min(b, d) - Math.max(a, c))
