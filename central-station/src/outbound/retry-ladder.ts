/** When what did not go out is tried again, and after the last of these given up. One ladder for notices and deliveries. */
export const RETRY_MS = [5_000, 15_000, 30_000, 60_000, 120_000] as const

/** When a target that cannot be reached is tried again; the last one goes on. */
const AWAY_MS = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000] as const

/** With up to a fifth on top, so that targets that fell together are not called together. */
export function awayDelayMs(tries: number, random: () => number): number {
  return Math.round((AWAY_MS[Math.min(tries, AWAY_MS.length - 1)] as number) * (1 + random() / 5))
}
