import { extent, type TraceSource } from './trace.ts'

/** Looks this far back: long enough for several beats, short enough to follow a refitted sensor. */
const LOOK_BACK_MS = 4_000
const MARGIN = 0.15
/** Share of the way to the new scale at each look: the picture breathes slowly instead of jumping. */
const FOLLOW = 0.3

export interface Scale {
  readonly low: number
  readonly high: number
}

/** A scale that follows a signal without a unit of its own (pleth); the trace says that its gain is automatic. */
export function nextScale(before: Scale | undefined, source: TraceSource, playheadMs: number): Scale | undefined {
  const seen = extent(source, playheadMs - LOOK_BACK_MS, playheadMs)
  if (!seen) return before
  const margin = Math.max((seen.high - seen.low) * MARGIN, Number.EPSILON)
  const wanted = { low: seen.low - margin, high: seen.high + margin }
  if (!before) return wanted
  return { low: before.low + (wanted.low - before.low) * FOLLOW, high: before.high + (wanted.high - before.high) * FOLLOW }
}
