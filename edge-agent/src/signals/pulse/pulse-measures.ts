import { createCascade, lowPass } from '../maths/biquad.ts'
import { createBreathingFromPulse } from '../breathing/breathing-from-pulse.ts'
import { absence, type Estimate } from '../maths/estimate.ts'
import { createHeartRate, type HeartRateEstimate } from './heart-rate.ts'
import { createLightChannel } from '../light/light-channel.ts'
import { describePerfusion, type PulseState } from '../light/perfusion.ts'
import { isSteady } from './pulse-verdict.ts'
import { createSlidingWindow } from '../maths/sliding-window.ts'
import { createSpO2, type SpO2Estimate } from '../light/spo2.ts'
import type { SpO2Curve } from '../light/spo2-curve.ts'
import { WORKING_HZ } from './working-rate.ts'

export interface PulseEstimates {
  readonly pr: Estimate
  readonly source?: HeartRateEstimate['source']
  /** Left out when there is no red light. */
  readonly spo2?: SpO2Estimate
  readonly pi: Estimate
  readonly rrppg: Estimate
  /** Beats that have become certain, seconds since the first sample. */
  readonly beats: readonly number[]
}

export interface PulseMeasuresOptions {
  /** 1 when systole raises the samples, -1 when it lowers them. */
  readonly sign: 1 | -1
  readonly curve: SpO2Curve
  /** False: breathing is not looked for. */
  readonly breathing?: boolean | undefined
}

/** Pulse rate, saturation, perfusion and breathing from light at the working rate. One `update` a second. */
export interface PulseMeasures {
  pushInfrared(count: number): void
  pushRed(count: number): void
  /** @param onrush of the raw counts */
  update(onrush: number): PulseEstimates
  /** Beats held back at the end of a recording, seconds since the first sample. */
  finish(): readonly number[]
  reset(): void
}

const BASELINE_HZ = 5
const WINDOW_S = 10

export function createPulseMeasures({ sign, curve, breathing: looksForBreathing = true }: PulseMeasuresOptions): PulseMeasures {
  const infrared = createLightChannel()
  const red = createLightChannel()
  const heartRate = createHeartRate()
  const spo2 = createSpO2({ curve })
  const breathing = createBreathingFromPulse()
  const baselineFilter = createCascade(lowPass(BASELINE_HZ, WORKING_HZ))
  const baseline = createSlidingWindow(WINDOW_S * WORKING_HZ)
  let hasRed = false

  return {
    pushInfrared(count) {
      infrared.push(count)
      heartRate.push(sign * count)
      if (baseline.count === 0) baselineFilter.settle(sign * count)
      baseline.push(baselineFilter.step(sign * count))
    },
    pushRed(count) {
      hasRed = true
      red.push(count)
    },
    update(onrush) {
      const { segment, beats, source, ...pr } = heartRate.update(onrush)
      const pulse: PulseState = { steady: segment !== undefined && isSteady(segment.window), locked: pr.value !== undefined }
      const shape = segment && pulse.steady && pulse.locked ? { ...segment, light: baseline.view(segment.window.length), hz: WORKING_HZ } : undefined
      return {
        pr,
        ...(source && { source }),
        ...(hasRed && { spo2: spo2.update(red, infrared, pulse) }),
        pi: describePerfusion(infrared, pulse),
        rrppg: looksForBreathing ? breathing.update(shape, baseline.count / WORKING_HZ) : absence('disabled'),
        beats,
      }
    },
    finish: () => heartRate.finish(),
    reset() {
      for (const part of [infrared, red, heartRate, spo2, breathing, baseline]) part.reset()
      hasRed = false
    },
  }
}
