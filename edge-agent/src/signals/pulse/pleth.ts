import { absence } from '../maths/estimate.ts'
import { createLightLevel } from '../light/light-level.ts'
import { createOnrush } from './onrush.ts'
import { createPulseMeasures, type PulseEstimates } from './pulse-measures.ts'
import { createResampler } from '../maths/resampler.ts'
import { an6845, type SpO2Curve } from '../light/spo2-curve.ts'
import { WORKING_HZ } from './working-rate.ts'

export interface PlethOptions {
  /** Sampling rate of the counts, 12 Hz or more. */
  readonly hz: number
  /** `counts`: blood darkens the light, systole is a dip (every reflective sensor). `pulse`: systole is a rise, as on a monitor. */
  readonly polarity?: 'counts' | 'pulse'
  /** Largest count of the converter, where it is known: then a missing finger and too much light are told from the counts. */
  readonly fullScale?: number | undefined
  readonly curve?: SpO2Curve | undefined
  /** False: breathing is not looked for. */
  readonly breathing?: boolean | undefined
}

/** Everything a finger sensor tells, from its raw counts without gaps; after a gap, make a new one. One `update` a second. */
export interface Pleth {
  push(infrared: number, red?: number): void
  update(): PulseEstimates
  /** The recording is over: the beats that were not certain before, seconds since the first sample. */
  finish(): readonly number[]
}

// The first samples after a start are the converter settling.
const IGNORED_S = 0.2

export function createPleth({ hz, polarity = 'counts', fullScale, curve = an6845, breathing }: PlethOptions): Pleth {
  const infraredLevel = createLightLevel({ hz, fullScale })
  const redLevel = createLightLevel({ hz, fullScale })
  const infraredRate = createResampler({ fromHz: hz, toHz: WORKING_HZ })
  const redRate = createResampler({ fromHz: hz, toHz: WORKING_HZ })
  const onrush = createOnrush({ hz })
  const measures = createPulseMeasures({ sign: polarity === 'counts' ? -1 : 1, curve, breathing })
  const ignored = Math.round(IGNORED_S * hz)
  let count = 0
  let startedAt = 0
  let hasRed = false

  const restart = (): void => {
    infraredRate.reset()
    redRate.reset()
    onrush.reset()
    measures.reset()
    startedAt = count
  }
  const sinceFirst = (beats: readonly number[]): number[] => beats.map((t) => t + (startedAt + ignored) / hz)
  const none = (reason: 'off' | 'saturated'): PulseEstimates => {
    const estimate = absence(reason)
    return { pr: estimate, pi: estimate, rrppg: estimate, beats: [], ...(hasRed && { spo2: { ...estimate, curve } }) }
  }
  return {
    push(infrared, red) {
      const ir = infraredLevel.push(infrared)
      const other = red === undefined ? undefined : redLevel.push(red)
      count += 1
      hasRed = other !== undefined
      if (count <= startedAt + ignored) return
      onrush.push(ir)
      infraredRate.push(ir, (x) => measures.pushInfrared(x))
      if (other !== undefined) redRate.push(other, (x) => measures.pushRed(x))
    },
    update() {
      const light = infraredLevel.read()
      const saturated = light.saturated || (hasRed && redLevel.read().saturated)
      if (light.fingerOn && !saturated) {
        const estimates = measures.update(onrush.read())
        return { ...estimates, beats: sinceFirst(estimates.beats) }
      }
      restart()
      return none(saturated ? 'saturated' : 'off')
    },
    finish: () => sinceFirst(measures.finish()),
  }
}
