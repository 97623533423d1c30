/** How far a value may be trusted, from its age alone. Every screen and every check uses this one rule. */
export type Freshness = 'live' | 'late' | 'stale' | 'never'

export interface FreshnessLimits {
  readonly lateAfterMs: number
  readonly staleAfterMs: number
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/**
 * Limits for a signal expected every `intervalMs`: late after three intervals (3 s to 3 min), stale after five
 * (5 s to 5 min). Five intervals is Signal K's rule; the floors keep a 1 Hz value from flickering with network jitter.
 */
export function freshnessLimits(intervalMs: number): FreshnessLimits {
  return { lateAfterMs: clamp(3 * intervalMs, 3_000, 180_000), staleAfterMs: clamp(5 * intervalMs, 5_000, 300_000) }
}

/** Freshness of a value measured at `measuredAtMs`, as seen at `nowMs` of the same (server) clock. */
export function freshnessAt(measuredAtMs: number | undefined, nowMs: number, limits: FreshnessLimits): Freshness {
  if (measuredAtMs === undefined) return 'never'
  const ageMs = nowMs - measuredAtMs
  if (ageMs > limits.staleAfterMs) return 'stale'
  return ageMs > limits.lateAfterMs ? 'late' : 'live'
}
