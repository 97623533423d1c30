import { intervalsOf } from './beat-series.ts'
import { correlation, median } from '../maths/statistics.ts'

/**
 * How alike the beats of a window are: the mean correlation of each beat with the average of all the others (never with
 * itself, which would flatter a window of few beats). 0 when there are too few whole beats to tell.
 */
export function beatLikeness(y: Float64Array, beats: readonly number[], scratch: Float64Array): number {
  if (beats.length < 3) return 0
  const half = Math.min(Math.floor(median(intervalsOf(beats)) / 2), (scratch.length >> 2) - 1)
  const length = 2 * half + 1
  const centres = beats.map(Math.round).filter((b) => b - half >= 0 && b + half < y.length)
  if (centres.length < 2 || half < 2) return 0

  const total = scratch.subarray(0, length).fill(0)
  const others = scratch.subarray(length, 2 * length)
  for (const c of centres) for (let i = 0; i < length; i += 1) total[i] = (total[i] as number) + (y[c - half + i] as number)
  let sum = 0
  for (const c of centres) {
    const beat = y.subarray(c - half, c + half + 1)
    for (let i = 0; i < length; i += 1) others[i] = (total[i] as number) - (beat[i] as number)
    sum += correlation(beat, others)
  }
  return sum / centres.length
}
