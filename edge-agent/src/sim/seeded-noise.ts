/**
 * Noise as a function of (seed, index) instead of a stream, so that a sample has the same noise however often and in whatever
 * order it is asked for.
 */

/** Uniform in [0, 1). */
export function uniformAt(seed: number, index: number): number {
  // Two rounds of a 32-bit integer finaliser: enough that neighbouring seeds and indices are unrelated.
  let hash = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca77)) >>> 0
  for (const multiplier of [0x7feb352d, 0x846ca68b]) {
    hash ^= hash >>> 16
    hash = Math.imul(hash, multiplier) >>> 0
  }
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}

/** Normal with mean 0 and standard deviation 1 (Box and Muller). */
export function gaussianAt(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(seed, index * 2)))
  return radius * Math.cos(2 * Math.PI * uniformAt(seed, index * 2 + 1))
}

/** One slow swing: half-height and period, with a phase of the seed's choosing. */
export interface Swing {
  readonly height: number
  readonly periodS: number
}

/** A sum of slow swings at time `tS`: smooth, bounded and the same for the same seed. */
export function slowWave(seed: number, swings: readonly Swing[], tS: number): number {
  return swings.reduce((sum, { height, periodS }, i) => sum + height * Math.sin(2 * Math.PI * (tS / periodS + uniformAt(seed, i))), 0)
}
