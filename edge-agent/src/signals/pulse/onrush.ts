import { quantile } from '../maths/statistics.ts'

/** Sees a disturbance in the raw counts as it begins, before any filter has let it through. */
export interface Onrush {
  push(x: number): void
  /** Steepest step of the newest 0.3 s over the usual steepest of the ten seconds before; 1 while less than 4 s are known. */
  read(): number
  reset(): void
}

const KNOWN_S = 10
const LEAST_KNOWN_S = 4
// What the resampler and the band-pass hold back; older disturbances show in the filtered window.
const NEWEST_S = 0.3
// A step is from one mean of about 40 ms to the next: of single counts at 400 Hz only the noise would be seen.
const STEPS_PER_S = 25
// The systolic upstroke is the steepest few per cent of every beat.
const USUAL_STEEPEST = 0.97

export function createOnrush({ hz }: { readonly hz: number }): Onrush {
  const block = Math.max(1, Math.round(hz / STEPS_PER_S))
  const newest = Math.ceil((NEWEST_S * hz) / block)
  const steps = new Float64Array(Math.ceil((KNOWN_S * hz) / block))
  const older = new Float64Array(steps.length)
  let count = 0
  let sum = 0
  let inBlock = 0
  let before: number | undefined

  const take = (mean: number): void => {
    if (before !== undefined) steps[count++ % steps.length] = Math.abs(mean - before)
    before = mean
  }
  return {
    push(x) {
      sum += x
      inBlock += 1
      if (inBlock < block) return
      take(sum / block)
      sum = 0
      inBlock = 0
    },
    read() {
      if (count < (LEAST_KNOWN_S * hz) / block) return 1
      const known = Math.min(count, steps.length)
      let steepest = 0
      for (let i = count - newest; i < count; i += 1) steepest = Math.max(steepest, steps[i % steps.length] as number)
      for (let i = 0; i < known - newest; i += 1) older[i] = steps[(count - known + i) % steps.length] as number
      const usual = quantile(older.subarray(0, known - newest), USUAL_STEEPEST)
      return usual > 0 ? steepest / usual : 1
    },
    reset() {
      count = 0
      sum = 0
      inBlock = 0
      before = undefined
    },
  }
}
