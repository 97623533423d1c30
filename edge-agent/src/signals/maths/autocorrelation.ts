import { parabolaOffset } from './statistics.ts'

export interface Periodicity {
  /** Samples from one beat to the next, between whole samples. */
  readonly lag: number
  /** Normalised autocorrelation at that lag, up to about 1. */
  readonly strength: number
}

// A double period correlates as well as a single one; the first peak nearly as high as the best is the beat (no half rates).
const FIRST_PEAK_SHARE = 0.85

/** Repetition of a zero-mean stretch between two lags in samples, or nothing when no lag stands out. */
export function findPeriodicity(x: Float64Array, minLag: number, maxLag: number, scratch: Float64Array): Periodicity | undefined {
  const last = Math.min(Math.ceil(maxLag) + 1, x.length - 2, scratch.length - 1)
  const first = Math.max(1, Math.floor(minLag) - 1)
  const power = lagProduct(x, 0)
  if (power <= 0) return undefined
  for (let lag = first; lag <= last; lag += 1) scratch[lag] = lagProduct(x, lag) / power

  let best = 0
  for (let lag = first + 1; lag < last; lag += 1) if (isPeak(scratch, lag)) best = Math.max(best, scratch[lag] as number)
  if (best <= 0) return undefined
  for (let lag = first + 1; lag < last; lag += 1) {
    const strength = scratch[lag] as number
    if (strength >= FIRST_PEAK_SHARE * best && isPeak(scratch, lag)) {
      return { lag: lag + parabolaOffset(scratch[lag - 1] as number, strength, scratch[lag + 1] as number), strength }
    }
  }
  return undefined
}

const isPeak = (r: Float64Array, lag: number): boolean =>
  (r[lag] as number) > (r[lag - 1] as number) && (r[lag] as number) >= (r[lag + 1] as number)

function lagProduct(x: Float64Array, lag: number): number {
  const n = x.length - lag
  let sum = 0
  for (let i = 0; i < n; i += 1) sum += (x[i] as number) * (x[i + lag] as number)
  return sum / n
}
