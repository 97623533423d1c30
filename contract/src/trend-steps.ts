/** The quarter of an hour behind now, as a tile of the wall draws it: means of so long, so many of them. */
export const TREND_STEP_MS = 30_000
export const TREND_STEPS = 30
