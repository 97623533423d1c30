import { bandPass, createCascade } from './biquad.ts'
import { mean, quantile } from './statistics.ts'

/** Counts breaths in a slow wave; `hz` samples a second. */
export interface BreathCount {
  /** Breaths per minute, or nothing when no breath is clear. The given samples are overwritten. */
  perMinute(wave: Float64Array): number | undefined
}

// 5 to 42 breaths a minute.
const BAND_HZ = [0.08, 0.7] as const
const PADDING_S = 8
const CLEAR_SHARE = 0.2

/**
 * A breath is one clear maximum to the next with a single minimum below zero in between ("count-orig"): it neither splits a breath
 * with a notch in it nor counts the drift of the vessels, which is where spectra go wrong.
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
    perMinute(wave) {
      const s = cleaned(wave)
      const maxima = turns(s, 1)
      if (maxima.length < 2) return undefined
      const clear = CLEAR_SHARE * quantile(maxima.map((i) => s[i] as number), 0.75)
      const tops = maxima.filter((i) => (s[i] as number) > clear)
      const bottoms = turns(s, -1)
      const lengths: number[] = []
      for (let k = 1; k < tops.length; k += 1) {
        const from = tops[k - 1] as number
        const to = tops[k] as number
        const between = bottoms.filter((i) => i > from && i < to)
        if (between.length === 1 && (s[between[0] as number] as number) < 0) lengths.push(to - from)
      }
      return lengths.length === 0 ? undefined : (60 * hz) / mean(lengths)
    },
  }
}

function turns(s: Float64Array, sign: 1 | -1): number[] {
  const found: number[] = []
  for (let i = 1; i < s.length - 1; i += 1) {
    const here = sign * (s[i] as number)
    if (here > sign * (s[i - 1] as number) && here >= sign * (s[i + 1] as number)) found.push(i)
  }
  return found
}
