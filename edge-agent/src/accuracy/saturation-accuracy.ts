import { createPleth } from '../signals/pulse/pleth.ts'
import { an6845, spo2At } from '../signals/light/spo2-curve.ts'
import { createRandom } from './artefacts.ts'
import { createComparison, type Figures } from './figures.ts'
import type { FingerRecording } from './finger-recordings.ts'
import { pulseHeight } from './pulse-accuracy.ts'

const CLIPS = 300
const CLIP_S = 4
const LIMIT = 2
const RATIO = [0.4, 1.35] as const
const INFRARED = 80_000
const RED = 60_000
// Of the pulse's height: noise of each colour, and a slow drift of the tissue that is not arterial and has a ratio of its own.
const NOISE = 0.02
const DRIFT = 0.2
const DRIFT_RATIO = 0.8
const DRIFT_HZ = 0.2

/**
 * How well the ratio of ratios is read from four seconds of real pulses with a red channel made at a known ratio. It tests the reading alone: how
 * the ratio becomes a saturation is the curve's matter, and only blood samples can judge that.
 */
export function measureRatio(recordings: readonly FingerRecording[], seed: number): Figures {
  const random = createRandom(seed)
  const comparison = createComparison(LIMIT)
  for (let clip = 0; clip < CLIPS; clip += 1) {
    const { hz, light } = recordings[clip % recordings.length] as FingerRecording
    const from = Math.floor(random.uniform() * (light.length - CLIP_S * hz - 1))
    const stretch = light.slice(from, from + CLIP_S * hz)
    const mean = stretch.reduce((a, b) => a + b, 0) / stretch.length
    const height = pulseHeight(light, hz) / mean
    const ratio = RATIO[0] + (RATIO[1] - RATIO[0]) * random.uniform()
    const phase = 2 * Math.PI * random.uniform()
    const pleth = createPleth({ hz })
    stretch.forEach((x, i) => {
      const pulse = x / mean - 1
      const drift = DRIFT * height * Math.sin(phase + (2 * Math.PI * DRIFT_HZ * i) / hz)
      const infrared = INFRARED * (1 + pulse + drift + NOISE * height * random.normal())
      pleth.push(infrared, RED * (1 + ratio * pulse + DRIFT_RATIO * drift + NOISE * height * random.normal()))
    })
    comparison.add(pleth.update().spo2?.value, Math.min(100, spo2At(an6845, ratio)))
  }
  return comparison.figures()
}
