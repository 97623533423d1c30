import { absence, type Estimate } from '../maths/estimate.ts'
import type { LightChannel } from './light-channel.ts'
import { NO_FINGER_PERFUSION, perfusionOf, type PulseState } from './perfusion.ts'
import { an6845, spo2At, type SpO2Curve } from './spo2-curve.ts'
import { correlation, deviation, median } from '../maths/statistics.ts'
import { WORKING_HZ } from '../pulse/working-rate.ts'

export interface SpO2Estimate extends Estimate {
  /** Ratio of ratios of this second's window, before the median. */
  readonly ratio?: number
  /** Correlation of red and infrared, -1..1. */
  readonly likeness?: number
  /** The curve the value was made with. */
  readonly curve: SpO2Curve
}

/** Oxygen saturation from the two colours of the last ten seconds. One `update` a second. */
export interface SpO2 {
  update(red: LightChannel, infrared: LightChannel, pulse: PulseState): SpO2Estimate
  reset(): void
}

// Two beats: enough for a first value that says it is one.
const FIRST_ANSWER_S = 1.6
const FULL_ANSWER_S = 6
const MEDIAN_OF = 5

const MIN_LIKENESS = 0.9
// Without a confirmed rhythm (atrial fibrillation) the two colours must agree this well.
const SURE_LIKENESS = 0.97
const MIN_PERFUSION = 0.2
const LOW_PERFUSION = 0.4
const LOWEST_CALIBRATED = 70

// Blood gives ratios in this range; with the two LEDs swapped the reciprocal is.
const BLOOD_RATIO = [0.25, 1.9] as const
const SWAPPED_AFTER = 3

export function createSpO2({ curve = an6845 }: { readonly curve?: SpO2Curve | undefined } = {}): SpO2 {
  let recent: number[] = []
  let swappedFor = 0

  const looksSwapped = (ratio: number): boolean => {
    swappedFor = isBlood(ratio) || !isBlood(1 / ratio) ? 0 : swappedFor + 1
    return swappedFor >= SWAPPED_AFTER
  }
  const measure = (red: LightChannel, infrared: LightChannel, pulse: PulseState, early: boolean): SpO2Estimate => {
    const likeness = correlation(red.pulse(), infrared.pulse())
    const ratio = deviation(red.pulse()) / red.steady() / (deviation(infrared.pulse()) / infrared.steady())
    const seen = { ratio, likeness, curve }
    if (likeness < (pulse.locked || early ? MIN_LIKENESS : SURE_LIKENESS)) return { ...absence(pulse.locked ? 'motion' : 'no-lock'), ...seen }
    if (looksSwapped(ratio)) return { ...absence('swapped'), ...seen }
    if (isNeither(ratio)) return { ...absence('no-lock'), ...seen }
    // While the window still grows each new ratio contains the ones before it.
    recent = early ? [ratio] : [...recent, ratio].slice(-MEDIAN_OF)
    const value = Math.max(0, Math.min(100, spo2At(curve, median(recent))))
    return { value, sq: Math.round(100 * Math.max(0, Math.min(1, (likeness - 0.8) / 0.2))), ...seen }
  }
  const judge = (red: LightChannel, infrared: LightChannel, pulse: PulseState): SpO2Estimate => {
    const seconds = red.pulse().length / WORKING_HZ
    if (seconds < FIRST_ANSWER_S) return { ...absence('warmup'), curve }
    const early = seconds < FULL_ANSWER_S
    if (!early && !pulse.steady) return { ...absence('motion'), curve }
    const pi = perfusionOf(infrared)
    if (pi < MIN_PERFUSION) return { ...absence(pi < NO_FINGER_PERFUSION ? 'off' : 'weak'), curve }
    const estimate = measure(red, infrared, pulse, early)
    if (estimate.value === undefined) return estimate
    if (isBeyondCurve(estimate.value, estimate.ratio)) return { ...estimate, question: 'range' }
    if (early) return { ...estimate, question: 'calibrating' }
    return pi < LOW_PERFUSION || !pulse.locked ? { ...estimate, question: 'low' } : estimate
  }
  return {
    update(red, infrared, pulse) {
      const estimate = judge(red, infrared, pulse)
      if (estimate.value === undefined) recent = []
      return estimate
    },
    reset() {
      recent = []
      swappedFor = 0
    },
  }
}

const isBeyondCurve = (value: number, ratio = 0): boolean => value < LOWEST_CALIBRATED || ratio < BLOOD_RATIO[0]
/** Not blood, and not blood with the LEDs swapped. */
const isNeither = (ratio: number): boolean => ratio > 1 / BLOOD_RATIO[0]
const isBlood = (ratio: number): boolean => ratio >= BLOOD_RATIO[0] && ratio <= BLOOD_RATIO[1]
