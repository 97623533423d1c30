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
  const random = createRandom(4)
  const interval = 60 / rate
  const beats: { readonly atS: number; readonly height: number }[] = []
  for (let n = 0; n * interval < seconds; n += 1) {
    const place = n % every
    if (place === every - 1) beats.push({ atS: (n - 1 + EARLY) * interval, height: EARLY_HEIGHT })
    else beats.push({ atS: n * interval, height: n > 0 && place === 0 ? following : 1 })
  }
  return Array.from({ length: hz * seconds }, (_, i) => {
    const pulse = beats.reduce((sum, { atS, height }) => sum + (Math.abs(i / hz - atS) < 2 * interval ? height * beatShape((i / hz - atS) / interval) : 0), 0)
    return Math.round(80_000 * (1 - 0.01 * (pulse + 0.1 * Math.sin((2 * Math.PI * 0.25 * i) / hz) + 0.02 * random.normal())))
  })
}

/** Red light of the same finger at a known ratio of ratios. */
export function redOf(infrared: readonly number[], ratio: number, dc = 60_000): number[] {
  const mean = infrared.reduce((a, b) => a + b, 0) / infrared.length
  return infrared.map((x) => dc * (1 + ratio * (x / mean - 1)))
}
