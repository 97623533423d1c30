import { createCascade, lowPass } from '../maths/biquad.ts'
import { createBreathThresholds } from './breath-thresholds.ts'
import { createSlidingWindow } from '../maths/sliding-window.ts'

/** Finds where breaths begin in a pressure that rises with them, as a stream. Pressures in cmH2O, times in seconds since the first sample. */
export interface BreathDetector {
  /** Returns the onset, when this sample makes a new breath certain. */
  push(pressure: number): number | undefined
}

export interface BreathDetectorOptions {
  readonly hz: number
  /** Smallest swing taken for a breath. */
  readonly smallest?: number
}

// Breaths are slower than this; speech, secretions in the tube and heart beats are faster.
const CORNER_HZ = 2.5
// Group delay of the low-pass, less what the foot of a rise lies early by its definition.
const DELAY_S = 0.04
const MEASURE_EVERY_S = 0.5
// At first the swing is learnt faster: the first breaths would be judged by none.
const LEARNING_S = 6
const LEARN_EVERY = 2
const SMALLEST = 0.35
// A small rise is a breath (weak effort after a deep one) when it is brisk and not the rebound of the last.
const BRISK_S = 0.8
const REBOUND_S = 0.5
const CLOSEST_S = 0.3
const HISTORY_S = 12
// A rise that was under way when the stream began has no onset to report.
const FIRST_ONSET_S = 0.2

/**
 * Zig-zag with two sensitivities. A trough turns into a breath when the pressure has risen enough above it; the onset is the foot of
 * that rise. Nothing is assumed about the level, the phase at the start or the shape, and the thresholds follow the recent swing.
 */
export function createBreathDetector({ hz, smallest = SMALLEST }: BreathDetectorOptions): BreathDetector {
  const filter = createCascade(lowPass(Math.min(CORNER_HZ, 0.2 * hz), hz))
  const y = createSlidingWindow(Math.round(HISTORY_S * hz))
  const thresholds = createBreathThresholds({ hz, smallest })
  const measureEvery = Math.max(1, Math.round(MEASURE_EVERY_S * hz))
  let inBreath = false
  let lowest = 0
  let lowestAt = 0
  let highest = 0
  let fellAt = Number.NEGATIVE_INFINITY
  let lastOnset = Number.NEGATIVE_INFINITY

  const startTrough = (v: number): void => {
    inBreath = false
    lowest = v
    lowestAt = y.count - 1
  }
  /** The height of the rise that ends in the newest sample, when that is enough for a breath. */
  const riseOf = (v: number): number | undefined => {
    if (v - lowest > thresholds.big) return thresholds.big
    const from = Math.max(y.count - 1 - BRISK_S * hz, fellAt + REBOUND_S * hz)
    let low = v
    for (const p of y.view(Math.max(1, Math.round(y.count - from)))) low = Math.min(low, p)
    return v - low > thresholds.small && low < thresholds.bottom ? thresholds.small : undefined
  }
  const inTrough = (v: number): number | undefined => {
    if (v < lowest) startTrough(v)
    const rise = riseOf(v)
    if (rise === undefined) return undefined
    const past = y.view(y.count - lowestAt)
    const onset = y.count - past.length + footOf(past, rise)
    inBreath = true
    highest = v
    if (onset < FIRST_ONSET_S * hz || onset - lastOnset < CLOSEST_S * hz) return undefined
    lastOnset = onset
    return onset / hz - DELAY_S
  }

  return {
    push(pressure) {
      if (y.count === 0) filter.settle(pressure)
      const v = filter.step(pressure)
      y.push(v)
      if (y.count === 1) startTrough(v)
      if (y.count % (y.count < LEARNING_S * hz ? LEARN_EVERY : measureEvery) === 0 && y.count > hz) thresholds.measure(y)
      if (!inBreath) return inTrough(v)
      highest = Math.max(highest, v)
      if (highest - v > thresholds.fall(highest - lowest)) {
        startTrough(v)
        fellAt = y.count - 1
      }
      return undefined
    },
  }
}

const FOOT = 0.2
const NOTCH = 0.3

/**
 * Index of the foot of the rise that ends the stretch: back down the slope to the nearest trough (an older dip behind a hump belongs to
 * what was before), then up to where the pressure has left it by a fifth of the rise.
 */
function footOf(past: Float64Array, rise: number): number {
  let low = Number.POSITIVE_INFINITY
  let lowAt = 0
  for (let i = past.length - 1; i >= 0; i -= 1) {
    const p = past[i] as number
    if (p < low) {
      low = p
      lowAt = i
    } else if (p > low + NOTCH * rise) break
  }
  let foot = past.length - 1
  while (foot > lowAt && (past[foot] as number) > low + FOOT * rise) foot -= 1
  return foot
}
