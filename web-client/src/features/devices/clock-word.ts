/** A message on a slow way is late by as much; less than this says nothing about the clock. */
const RIGHT_MS = 2_000

export interface ClockWord {
  readonly word: 'unknown' | 'right' | 'ahead' | 'behind'
  readonly byMs: number
  /** Worth an operator's look. */
  readonly off: boolean
}

/** @param offMs how far the device's clock is ahead of the server's */
export function clockWord(offMs: number | undefined): ClockWord {
  if (offMs === undefined) return { word: 'unknown', byMs: 0, off: false }
  const byMs = Math.abs(offMs)
  if (byMs < RIGHT_MS) return { word: 'right', byMs, off: false }
  return { word: offMs > 0 ? 'ahead' : 'behind', byMs, off: true }
}
