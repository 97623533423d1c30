export interface RetryDelay {
  /** Never sooner than this, ms; 0 unless told. */
  readonly leastMs?: number
  /** Longest before the first retry, ms; doubles with each failure. */
  readonly firstMs: number
  readonly longestMs: number
}

/** Beyond this many doublings every ceiling is reached; without the bound the power would overflow after weeks. */
const MOST_DOUBLINGS = 30

/**
 * How long to wait before trying again: anything between the least and a ceiling that doubles (full jitter), so that many who lost the same thing at the
 * same moment do not return in step.
 *
 * @param failures in a row before the one that has just happened, from 0
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(failures: number, { leastMs = 0, firstMs, longestMs }: RetryDelay, random: () => number): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(0, failures), MOST_DOUBLINGS))
  return leastMs + random() * (ceilingMs - leastMs)
}
