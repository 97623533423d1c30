import type { PressureHistory } from './breath.ts'
import { mean } from '../maths/statistics.ts'

const SEARCH_S = 5
const LEAST_DEPTH = 0.2
const NADIR_AROUND_S = 0.3
const SMOOTH_S = 0.1
// The dip has begun where the pressure falls by less than this share of its depth in STEP_S.
const FLAT_SHARE = 0.08
const STEP_S = 0.16

/**
 * When inspiration began, for a breath against a mask. The detector sees the pressure rise again from the bottom of the dip, in the middle
 * of inspiration; from there the fall is followed back to the plateau. Looking for the dip itself would take the end of the
 * overshoot after an expiration for one.
 * Nothing when no fall is seen: the recording began within the dip.
 * @param rise when the pressure began to rise again, seconds since the first sample
 * @param lastRise when it did in the breath before
 */
export function startOfDip({ samples, hz }: Pick<PressureHistory, 'samples' | 'hz'>, rise: number, lastRise: number): number | undefined {
  const p = samples.view()
  const oldest = samples.count - p.length
  const half = Math.max(1, Math.round((SMOOTH_S * hz) / 2))
  const at = (i: number): number => mean(p, Math.max(0, i - half), Math.min(p.length, i + half + 1))
  const around = Math.round(NADIR_AROUND_S * hz)
  const end = Math.min(p.length - 1, Math.round(rise * hz) - oldest + around)
  const first = Math.max(half, Math.round(Math.max(lastRise, rise - SEARCH_S) * hz) - oldest)

  let nadir = end
  for (let i = end; i >= Math.max(first, end - 2 * around); i -= 1) if (at(i) < at(nadir)) nadir = i
  let top = at(nadir)
  for (let i = nadir; i >= first; i -= 1) top = Math.max(top, at(i))
  if (top - at(nadir) < LEAST_DEPTH) return undefined
  const flat = FLAT_SHARE * (top - at(nadir))
  const step = Math.max(1, Math.round(STEP_S * hz))
  // Half way up the dip is surely on its slope, even where its bottom is flat.
  let i = nadir
  while (i > first && at(i) < (top + at(nadir)) / 2) i -= 1
  while (i - step >= first && at(i - step) - at(i) > flat) i -= 1
  return (i + oldest) / hz
}
