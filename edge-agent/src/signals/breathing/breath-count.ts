import { bandPass, createCascade } from '../maths/biquad.ts'
import { deviation, mean, quantile } from '../maths/statistics.ts'

/** Breaths in a stretch, and how much the count should be believed beside another of the same stretch. */
export interface CountedBreaths {
  readonly perMinute: number
  /** Grows with the share of the stretch that is breaths, and with their evenness. */
  readonly weight: number
}

/** Counts breaths in a slow wave; `hz` samples a second. */
export interface BreathCount {
  /** Nothing when no breath is clear. The given samples are overwritten. */
  count(wave: Float64Array): CountedBreaths | undefined
}

// 5 to 42 breaths a minute.
const BAND_HZ = [0.08, 0.7] as const
const PADDING_S = 8
const CLEAR_SHARE = 0.2
// Breaths of a healthy person at rest differ by about this much; a wave more even than that earns no more trust.
const USUAL_UNEVENNESS = 0.1

/**
 * A breath is one clear maximum to the next with a single minimum below zero in between ("count-orig"): it neither splits a breath
 * with a notch in it nor counts the drift of the vessels, which is where spectra go wrong. The same is asked of the wave upside down, so
 * that a breath whose top is torn is still measured from bottom to bottom.
 */
export function createBreathCount({ hz, maxLength }: { readonly hz: number; readonly maxLength: number }): BreathCount {
  const filter = createCascade(bandPass(...BAND_HZ, hz))
  const pad = Math.round(PADDING_S * hz)
  const padded = new Float64Array(maxLength + 2 * pad)

  /** Band-pass forwards and backwards, so that nothing is delayed; the ends are continued by reflection. */
  function cleaned(wave: Float64Array): Float64Array {
    const n = wave.length
    const all = padded.subarray(0, n + 2 * pad)
    const first = wave[0] as number
    const last = wave[n - 1] as number
    for (let i = 0; i < pad; i += 1) {
      all[i] = 2 * first - (wave[Math.min(pad - i, n - 1)] as number)
      all[pad + n + i] = 2 * last - (wave[Math.max(0, n - 2 - i)] as number)
    }
    all.set(wave, pad)
    for (let pass = 0; pass < 2; pass += 1) {
      filter.settle(all[0] as number)
      for (let i = 0; i < all.length; i += 1) all[i] = filter.step(all[i] as number)
      all.reverse()
    }
    return all.subarray(pad, pad + n)
  }

  return {
    count(wave) {
      const s = cleaned(wave)
      const tops = breathLengths(s, 1)
      const lengths = [...tops, ...breathLengths(s, -1)]
      if (lengths.length === 0) return undefined
      const usual = mean(lengths)
      const covered = (usual * lengths.length) / (2 * s.length)
      return { perMinute: (60 * hz) / usual, weight: covered / (USUAL_UNEVENNESS + deviation(lengths) / usual) }
    },
  }
}

/** Lengths in samples, from clear extreme to clear extreme of the wave taken with the given sign. */
function breathLengths(s: Float64Array, sign: 1 | -1): number[] {
  const maxima = turns(s, sign)
  const clear = CLEAR_SHARE * quantile(maxima.map((i) => sign * (s[i] as number)), 0.75)
  const tops = maxima.filter((i) => sign * (s[i] as number) > clear)
  const bottoms = turns(s, sign === 1 ? -1 : 1)
  const lengths: number[] = []
  for (let k = 1; k < tops.length; k += 1) {
    const from = tops[k - 1] as number
    const to = tops[k] as number
    const between = bottoms.filter((i) => i > from && i < to)
    if (between.length === 1 && sign * (s[between[0] as number] as number) < 0) lengths.push(to - from)
  }
  return lengths
}

function turns(s: Float64Array, sign: 1 | -1): number[] {
  const found: number[] = []
  for (let i = 1; i < s.length - 1; i += 1) {
    const here = sign * (s[i] as number)
    if (here > sign * (s[i - 1] as number) && here >= sign * (s[i + 1] as number)) found.push(i)
  }
  return found
}
