/** How two lists of moments agree. */
export interface EventMatch {
  readonly f1: number
  readonly missed: number
  readonly extra: number
  /** What was taken off the found moments before matching, seconds. */
  readonly delayS: number
}

/** Pairs each reference moment with at most one found moment within the tolerance; both lists ascending, seconds. */
export function matchEvents(reference: readonly number[], found: readonly number[], toleranceS: number, delayS = 0): EventMatch {
  let i = 0
  let j = 0
  let hits = 0
  while (i < reference.length && j < found.length) {
    const apart = (found[j] as number) - delayS - (reference[i] as number)
    if (Math.abs(apart) <= toleranceS) {
      hits += 1
      i += 1
      j += 1
    } else if (apart < 0) j += 1
    else i += 1
  }
  return { f1: (2 * hits) / (reference.length + found.length), missed: reference.length - hits, extra: found.length - hits, delayS }
}

const DELAY_STEP_S = 0.01

/** The best match after taking off a constant delay: a pulse reaches the finger after the heart beat. */
export function matchDelayed(reference: readonly number[], found: readonly number[], toleranceS: number, longestDelayS: number): EventMatch {
  let best = matchEvents(reference, found, toleranceS)
  for (let delay = 0; delay <= longestDelayS; delay += DELAY_STEP_S) {
    const match = matchEvents(reference, found, toleranceS, delay)
    if (match.f1 > best.f1) best = match
  }
  return best
}
