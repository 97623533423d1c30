import type { SlidingWindow } from '../maths/sliding-window.ts'
import { mean } from '../maths/statistics.ts'

/** One breath as the airway pressure shows it. Times in seconds since the first sample, pressures in cmH2O above the reference of the input. */
export interface Breath {
  readonly onset: number
  /** Inspiration and expiration, seconds. */
  readonly ti: number
  readonly te: number
  /** Highest pressure between this onset and the next. */
  readonly pip: number
  /** Pressure just before the next inspiration. */
  readonly peep: number
  /** Lowest to highest pressure of the breath. */
  readonly deltaP: number
}

// End-expiratory pressure is read in this stretch before the next onset: later the effort pulls it down, earlier it is still falling.
const PEEP_FROM_S = 0.18
const PEEP_TO_S = 0.04
// Inspiration ends when the pressure last leaves the upper part of its swing.
const INSPIRATION_LEVEL = 0.7

export interface PressureHistory {
  readonly samples: SlidingWindow
  readonly hz: number
  /** Inspiration is a rise (1) or a dip (-1). */
  readonly sign: 1 | -1
}

/** Measures the breath between two onsets; nothing when the history no longer reaches back to it. */
export function measureBreath({ samples, hz, sign }: PressureHistory, onset: number, next: number): Breath | undefined {
  const p = samples.view()
  const oldest = samples.count - p.length
  const index = (t: number): number => Math.round(t * hz) - oldest
  const from = index(onset)
  const to = Math.min(index(next), p.length)
  if (from < 0 || to - from < 2) return undefined
  let high = Number.NEGATIVE_INFINITY
  let low = Number.POSITIVE_INFINITY
  for (let i = from; i < to; i += 1) {
    high = Math.max(high, p[i] as number)
    low = Math.min(low, p[i] as number)
  }
  const peepFrom = Math.max(from, index(next - PEEP_FROM_S))
  const peep = mean(p, peepFrom, Math.max(peepFrom + 1, Math.min(to, index(next - PEEP_TO_S) + 1)))
  // Towards inspiration: the top of a machine's breath, the bottom of a breath against a mask.
  const inspired = sign > 0 ? high : low
  const threshold = peep + INSPIRATION_LEVEL * (inspired - peep)
  let end = from
  for (let i = from; i < to; i += 1) if (sign * ((p[i] as number) - threshold) >= 0) end = i
  const ti = (end - from + 1) / hz
  return { onset, ti, te: Math.max(0, next - onset - ti), pip: high, peep, deltaP: high - low }
}
