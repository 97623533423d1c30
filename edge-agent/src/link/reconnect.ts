const FIRST_MS = 200
const FIRST_SPREAD_MS = 800
const BASE_MS = 1_000
const MOST_MS = 60_000

/**
 * How long to wait before attempt number `failures` + 1. The first retry is quick, because most cuts are short; then full
 * jitter over 1 s, 2 s, 4 s … 60 s, so that a ward does not return in step after the broker was restarted.
 */
export function reconnectDelayMs(failures: number, random: () => number): number {
  if (failures <= 0) return FIRST_MS + FIRST_SPREAD_MS * random()
  return Math.max(FIRST_MS, random() * Math.min(MOST_MS, BASE_MS * 2 ** (failures - 1)))
}
