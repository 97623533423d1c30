import { createSlidingWindow, type SlidingWindow } from '../maths/sliding-window.ts'
import { median, quantile } from '../maths/statistics.ts'

/** How far a pressure has to rise or fall to mean something, from the swing of the last seconds. In cmH2O. */
export interface BreathThresholds {
  /** Looks at the smoothed pressure; twice a second is enough. */
  measure(y: SlidingWindow): void
  /** A rise this high is a breath wherever it starts. */
  readonly big: number
  /** A rise this high is a breath when it starts below `bottom`. */
  readonly small: number
  readonly bottom: number
  /** A fall this deep ends a breath of the given height. */
  fall(height: number): number
}

const SWING_WINDOW_S = 6
const USUAL_SWINGS = 120
// Where big breaths are usual, little waves are not breaths: up to 1 cmH2O.
const SMALLEST_OF_USUAL = 0.08
const SMALLEST_AT_MOST = 1
const BIG_RISE = 0.4
const SMALL_RISE = 0.1
const BOTTOM = 0.2
// A breath is over when this share of its own height is lost again.
const FALL = 0.6

export function createBreathThresholds({ hz, smallest }: { readonly hz: number; readonly smallest: number }): BreathThresholds {
  const swings = createSlidingWindow(USUAL_SWINGS)
  let swing = 0
  let floor = 0
  let least = smallest
  return {
    measure(y) {
      const recent = y.view(Math.round(SWING_WINDOW_S * hz))
      floor = quantile(recent, 0.1)
      swing = quantile(recent, 0.95) - quantile(recent, 0.05)
      swings.push(swing)
      least = Math.max(smallest, Math.min(SMALLEST_AT_MOST, SMALLEST_OF_USUAL * median(swings.view())))
    },
    get big() {
      return Math.max(least, BIG_RISE * swing)
    },
    get small() {
      return Math.max(least, SMALL_RISE * swing)
    },
    get bottom() {
      return floor + BOTTOM * swing
    },
    fall: (height) => Math.max(FALL * Math.min(swing, height), least, SMALL_RISE * swing),
  }
}
