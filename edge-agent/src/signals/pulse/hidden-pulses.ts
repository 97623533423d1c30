import { describeBeats } from './beat-series.ts'

// Nearer to the ends a bump is noise on a systole itself.
const ENDS_SHARE = 0.15

/**
 * A second pulse inside what is taken for one beat: all beats laid over each other for one interval from systole, so that noise goes and
 * what every beat has stays. The wave after the incisura is small there; an early beat, or every second beat of a heart that beats strongly and weakly by turns, is not.
 * @param systoles in samples
 * @param interval from one to the next, in samples
 * @param scratch of `interval` + 2 numbers or more
 * @returns of the highest bump between the ends: its height over the height of the beat, 0 when there is none, and its samples after systole
 */
export function secondPulse(y: Float64Array, systoles: readonly number[], interval: number, scratch: Float64Array): { readonly height: number; readonly after: number } {
  const wave = scratch.subarray(0, Math.round(interval) + 1).fill(0)
  for (const systole of systoles) {
    const from = Math.round(systole)
    if (from + wave.length <= y.length) for (let i = 0; i < wave.length; i += 1) wave[i] = (wave[i] as number) + (y[from + i] as number)
  }
  let height = 0
  let after = 0
  for (let i = Math.ceil(ENDS_SHARE * wave.length); i < (1 - ENDS_SHARE) * wave.length; i += 1) {
    const here = wave[i] as number
    if (here <= (wave[i - 1] as number) || here < (wave[i + 1] as number)) continue
    const rise = here - Math.max(Math.min(...wave.subarray(0, i)), Math.min(...wave.subarray(i)))
    if (rise <= height) continue
    height = rise
    after = i
  }
  return { height: height && height / (Math.max(...wave) - Math.min(...wave)), after }
}

/**
 * Mean distance in samples of all rises of a wave that are higher than `least`, from top to top, whatever their place; nothing when there are
 * fewer than three. It knows no rhythm: for waves without noise of that height.
 */
export function riseInterval(y: Float64Array, least: number): number | undefined {
  const tops: number[] = []
  let up = -1
  let at = 0
  for (let i = 1; i < y.length; i += 1) {
    const beyond = up * ((y[i] as number) - (y[at] as number))
    if (beyond < -least) {
      if (up > 0) tops.push(at)
      up = -up
    }
    if (beyond > 0 || beyond < -least) at = i
  }
  return describeBeats(tops).wholeInterval
}
