/** What is asked for at once: long enough for the slowest sweep behind the moment, short enough to come as measured. */
const BEHIND_MS = 180_000
const AHEAD_MS = 120_000
/** Moments share a window by this step, so that a step of seconds asks for nothing new. */
const STEP_MS = 60_000
/** A replay without a moment in its address begins a minute ago: what was just seen to pass. */
const DEFAULT_BACK_MS = 60_000

export interface ReplaySpan {
  readonly fromMs: number
  readonly toMs: number
}

/** The span around a moment, never beyond now. Moments of the same minute have the same one, but for its end. */
export function spanAround(atMs: number, nowMs: number): ReplaySpan {
  const centre = Math.floor(atMs / STEP_MS) * STEP_MS
  return { fromMs: centre - BEHIND_MS, toMs: Math.min(centre + AHEAD_MS, Math.round(nowMs)) }
}

/** Whether a moment needs another window: it left its minute, or runs into the end of what had come in when it was fetched. */
export function needsMore(atMs: number, span: ReplaySpan, nowMs: number): boolean {
  const wanted = spanAround(atMs, nowMs)
  return wanted.fromMs !== span.fromMs || (atMs > span.toMs - NEAR_END_MS && wanted.toMs > span.toMs + NEAR_END_MS)
}
const NEAR_END_MS = 5_000

/** `at` of the address, kept within the stay. */
export function readMoment(value: unknown, bounds: ReplaySpan): number {
  const at = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : bounds.toMs - DEFAULT_BACK_MS
  return within(at, bounds)
}

export const within = (atMs: number, { fromMs, toMs }: ReplaySpan): number => Math.round(Math.max(fromMs, Math.min(toMs, atMs)))
