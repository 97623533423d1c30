export interface Waiting {
  /** Objects without a receipt. */
  readonly unsent: number
  /** Objects given up. */
  readonly dropped: number
}

/** Fewer than these are on their way, not stuck. */
const ON_THEIR_WAY = 10
const STEP = 60

/** How far behind a board is, in steps; none once it caught up, so that the rest of a short outage is not told for ever. */
const behind = (unsent: number): number => (unsent < ON_THEIR_WAY ? 0 : 1 + Math.floor(unsent / STEP))

/** Whether what waits differs so much from what was told that it is told again. */
export function worthTelling(told: Waiting, now: Waiting): boolean {
  return behind(told.unsent) !== behind(now.unsent) || told.dropped !== now.dropped
}
