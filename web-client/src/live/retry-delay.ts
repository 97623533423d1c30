const FIRST_MS = 500
const LONGEST_MS = 10_000
const SHORTEST_MS = 100

/**
 * How long to wait before attempt `attempt` (0 is the first retry): full jitter under a doubling ceiling, so that the screens
 * of a whole hospital do not come back in lock-step after a restart.
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10))
  return Math.max(SHORTEST_MS, random() * ceiling)
}
