import { bandPass, createCascade } from '../signals/maths/biquad.ts'
import { createPleth } from '../signals/pulse/pleth.ts'
import { median, quantile } from '../signals/maths/statistics.ts'
import { addMovement, addNoise, createRandom, type Disturbed } from './artefacts.ts'
import { type EventMatch, matchDelayed } from './event-match.ts'
import { createComparison, type Figures } from './figures.ts'
import type { BeatRecording, FingerRecording } from './finger-recordings.ts'
import { findRWaves } from './r-waves.ts'

const WINDOW_S = 10
const EVERY_S = 5
const RATE_LIMIT = 5
const BREATH_LIMIT = 2
const BREATH_WINDOW_S = 32
const BEAT_TOLERANCE_S = 0.15
const LONGEST_TRANSIT_S = 0.8

export interface FingerAccuracy {
  readonly rate: Figures
  readonly breathing: Figures
}

/** Pulse rate over ten seconds and breathing rate over 32 s, asked every five seconds and compared with the middle of the window. */
export function measureFingers(recordings: readonly FingerRecording[]): FingerAccuracy {
  const rate = createComparison(RATE_LIMIT)
  const breathing = createComparison(BREATH_LIMIT)
  for (const { hz, light, rateAt, breathsAt } of recordings) {
    const pleth = createPleth({ hz })
    eachSecond(light, hz, (x) => pleth.push(x), (t) => {
      const { pr, rrppg } = pleth.update()
      const bpm = rateAt(t - WINDOW_S / 2)
      const breaths = breathsAt(t - BREATH_WINDOW_S / 2)
      if (t % EVERY_S !== 0) return
      if (t >= WINDOW_S && bpm !== undefined) rate.add(pr.value, bpm)
      if (t >= BREATH_WINDOW_S + EVERY_S && breaths !== undefined) breathing.add(rrppg.value, breaths)
    })
  }
  return { rate: rate.figures(), breathing: breathing.figures() }
}

export interface MovementAccuracy {
  /** Answers where the ten seconds before held no movement. */
  readonly clean: Figures
  /** Answers where they did: the fewer, the better. */
  readonly disturbed: Figures
}

/** The same recordings with bouts of movement added. */
export function measureMovement(recordings: readonly FingerRecording[], seed: number): MovementAccuracy {
  const clean = createComparison(RATE_LIMIT)
  const disturbed = createComparison(RATE_LIMIT)
  for (const [i, { hz, light, rateAt }] of recordings.entries()) {
    const pleth = createPleth({ hz })
    const moved: Disturbed = addMovement(light, { hz, pulseHeight: pulseHeight(light, hz), random: createRandom(seed + i) })
    eachSecond(moved.samples, hz, (x) => pleth.push(x), (t) => {
      const { value } = pleth.update().pr
      const bpm = rateAt(t - WINDOW_S / 2)
      if (t % EVERY_S !== 0 || t < WINDOW_S || bpm === undefined) return
      const set = moved.disturbedBetween(t - WINDOW_S, t) > 0 ? disturbed : clean
      set.add(value, bpm)
    })
  }
  return { clean: clean.figures(), disturbed: disturbed.figures() }
}

const CLIP_S = 60
const CLIPS_FROM_S = 60
// A reference is wanted for the whole clip, and monitors lag.
const CLIPS_END_BEFORE_S = 20

/** One-minute clips, each on its own as a phone records them, with noise of a share of the pulse's height; 0 for the clips as they are. */
export function measureClips(recordings: readonly FingerRecording[], { share, seed }: { readonly share: number; readonly seed: number }): Figures {
  const comparison = createComparison(RATE_LIMIT)
  const random = createRandom(seed)
  for (const { hz, light, rateAt } of recordings) {
    for (let from = CLIPS_FROM_S; from + CLIP_S < light.length / hz - CLIPS_END_BEFORE_S; from += CLIP_S) {
      const clean = light.slice(from * hz, (from + CLIP_S) * hz)
      const clip = addNoise(clean, { hz, height: share * pulseHeight(clean, hz), random })
      const pleth = createPleth({ hz })
      eachSecond(clip, hz, (x) => pleth.push(x), (t) => {
        const { value } = pleth.update().pr
        const bpm = rateAt(from + t - WINDOW_S / 2)
        if (t % EVERY_S === 0 && t >= WINDOW_S && bpm !== undefined) comparison.add(value, bpm)
      })
    }
  }
  return comparison.figures()
}

/** Beats found in the pulse against the R waves of the ECG beside it, after a constant delay. @param everyNth leaves out the others, as a slower converter would */
export function measureBeats({ hz, pulse, ecg }: BeatRecording, everyNth = 1): EventMatch {
  const atHz = hz / everyNth
  const pleth = createPleth({ hz: atHz, polarity: 'pulse' })
  const beats: number[] = []
  eachSecond(pulse.filter((_, i) => i % everyNth === 0), atHz, (x) => pleth.push(x), () => beats.push(...pleth.update().beats))
  beats.push(...pleth.finish())
  return matchDelayed(findRWaves(ecg, hz), beats, BEAT_TOLERANCE_S, LONGEST_TRANSIT_S)
}

/** Feeds samples and stops at the end of each whole second. */
export function eachSecond(samples: Iterable<number>, hz: number, push: (x: number) => void, second: (t: number) => void): void {
  let count = 0
  let t = 1
  for (const x of samples) {
    push(x)
    count += 1
    if (count < t * hz) continue
    second(t)
    t += 1
  }
}

/** Usual height of the pulse, peak to peak. */
export function pulseHeight(light: readonly number[], hz: number): number {
  const filter = createCascade(bandPass(0.5, 5, hz))
  filter.settle(light[0] as number)
  const wave = Float64Array.from(light, (x) => filter.step(x))
  const heights: number[] = []
  for (let from = 0; from + WINDOW_S * hz <= wave.length; from += WINDOW_S * hz) {
    const window = wave.subarray(from, from + WINDOW_S * hz)
    heights.push(quantile(window, 0.97) - quantile(window, 0.03))
  }
  return median(heights)
}
