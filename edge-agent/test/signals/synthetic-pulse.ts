import { createRandom } from '../../src/accuracy/artefacts.ts'

export interface SyntheticPulse {
  readonly hz: number
  readonly seconds: number
  /** Beats a minute at a moment. */
  readonly rate: number | ((t: number) => number)
  readonly dc?: number
  /** Height of the pulse over the steady light. */
  readonly height?: number
  /** Standard deviation of white noise over the height of the pulse. */
  readonly noise?: number
  /** Slow swing of the light over the height of the pulse, at breathing pace. */
  readonly sway?: number
  readonly seed?: number
}

const bump = (x: number, centre: number, width: number): number => Math.exp(-0.5 * ((x - centre) / width) ** 2)
/** One beat over its period: a steep upstroke and a dicrotic wave. */
export const beatShape = (phase: number): number => bump(phase, 0.22, 0.08) + 0.35 * bump(phase, 0.5, 0.1)

/** Counts as a reflective sensor gives them: systole darkens. Also tells when each beat began. */
export function syntheticPulse({ hz, seconds, rate, dc = 80_000, height = 0.01, noise = 0, sway = 0, seed = 1 }: SyntheticPulse): { counts: number[]; beats: number[] } {
  const random = createRandom(seed)
  const counts: number[] = []
  const beats: number[] = []
  let phase = 0
  for (let i = 0; i < hz * seconds; i += 1) {
    const t = i / hz
    phase += (typeof rate === 'number' ? rate : rate(t)) / 60 / hz
    if (phase >= 1) {
      phase -= 1
      beats.push(t)
    }
    const swing = sway * Math.sin(2 * Math.PI * 0.25 * t) + noise * random.normal()
    counts.push(dc * (1 - height * (beatShape(phase) + swing)))
  }
  return { counts, beats }
}

export interface EctopicPulse {
  readonly hz: number
  readonly seconds: number
  /** Beats a minute of the undisturbed rhythm. */
  readonly rate: number
  /** One beat of so many comes early. */
  readonly every: number
  /** Height of the beat after the pause over a usual one: the heart has had longer to fill. */
  readonly following: number
}

/** When in the usual interval the early beat comes, and how high it is. */
const EARLY = 0.6
const EARLY_HEIGHT = 0.5

/** Counts of a heart with extra beats: one comes early and weak, the next after a full compensatory pause (two intervals after the last in time) and large. */
export function ectopicPulse({ hz, seconds, rate, every, following }: EctopicPulse): number[] {
  const interval = 60 / rate
  const beats: SingleBeat[] = []
  for (let n = 0; n * interval < seconds; n += 1) {
    const place = n % every
    if (place === every - 1) beats.push({ atS: (n - 1 + EARLY) * interval, height: EARLY_HEIGHT })
    else beats.push({ atS: n * interval, height: n > 0 && place === 0 ? following : 1 })
  }
  return pulseOfBeats(beats, { hz, seconds, lengthS: interval })
}

export interface SingleBeat {
  readonly atS: number
  readonly height: number
}

/** Counts of beats of any height at any time, each a wave `lengthS` long, with breathing under it and a little noise. */
export function pulseOfBeats(beats: readonly SingleBeat[], { hz, seconds, lengthS }: { readonly hz: number; readonly seconds: number; readonly lengthS: number }): number[] {
  const random = createRandom(4)
  return Array.from({ length: hz * seconds }, (_, i) => {
    const t = i / hz
    const pulse = beats.reduce((sum, { atS, height }) => sum + (Math.abs(t - atS) < 2 * lengthS ? height * beatShape((t - atS) / lengthS) : 0), 0)
    return Math.round(80_000 * (1 - 0.01 * (pulse + 0.1 * Math.sin(2 * Math.PI * 0.25 * t) + 0.02 * random.normal())))
  })
}

/** Beats of atrial fibrillation: no interval follows from the last, and a beat is the lower the less time the heart had to fill. @param spread standard deviation of the intervals over their mean */
export function fibrillatingBeats({ rate, spread, seconds, seed }: { readonly rate: number; readonly spread: number; readonly seconds: number; readonly seed: number }): SingleBeat[] {
  const random = createRandom(seed)
  const beats: SingleBeat[] = []
  let filled = 1
  for (let atS = 0; atS < seconds; atS += (60 / rate) * filled) {
    beats.push({ atS, height: Math.max(0.15, Math.min(1.5, 1 + 1.2 * (filled - 1))) })
    filled = Math.max(0.5, 1 + spread * random.normal())
  }
  return beats
}

/** Red light of the same finger at a known ratio of ratios. */
export function redOf(infrared: readonly number[], ratio: number, dc = 60_000): number[] {
  const mean = infrared.reduce((a, b) => a + b, 0) / infrared.length
  return infrared.map((x) => dc * (1 + ratio * (x / mean - 1)))
}
