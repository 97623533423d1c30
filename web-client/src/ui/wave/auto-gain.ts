import { extent, type TraceSource } from './trace.ts'

const MARGIN = 0.15
/** Share of the way a scale closes in at each look. It opens at once: a clipped wave looks like a sick one. */
const CLOSE_IN = 0.15
/** A change of less than this share of the scale is not seen, and would mean painting the whole trace anew. */
const LEAST_CHANGE = 0.02

export interface Scale {
  readonly low: number
  readonly high: number
}

/** A scale that follows a signal without a unit of its own (pleth); the trace says that its gain is automatic. All that is in sight counts. */
export function nextScale(before: Scale | undefined, source: TraceSource, playheadMs: number, windowMs: number): Scale | undefined {
  const seen = extent(source, playheadMs - windowMs, playheadMs)
  if (!seen) return before
  const margin = Math.max((seen.high - seen.low) * MARGIN, Number.EPSILON)
  const wanted = { low: seen.low - margin, high: seen.high + margin }
  if (!before) return wanted
  const follow = (from: number, to: number, opens: boolean) => (opens ? to : from + (to - from) * CLOSE_IN)
  const next = { low: follow(before.low, wanted.low, wanted.low < before.low), high: follow(before.high, wanted.high, wanted.high > before.high) }
  const moved = Math.max(Math.abs(next.low - before.low), Math.abs(next.high - before.high))
  const isCut = seen.low < before.low || seen.high > before.high
  return isCut || moved > LEAST_CHANGE * (before.high - before.low) ? next : before
}
