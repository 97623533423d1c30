import { createRandom } from '../../src/accuracy/artefacts.ts'
import { type BreathingEstimate, type BreathingOptions, createBreathing } from '../../src/signals/breathing/breathing.ts'

/** cmH2O in one hPa. */
export const CMH2O_PER_HPA = 1.01972
/** Noise of a barometric sensor, cmH2O. */
const SENSOR_NOISE = 0.013 * CMH2O_PER_HPA

export interface SyntheticBreathing {
  readonly hz: number
  readonly seconds: number
  readonly rate: number
  /** Where in a breath the recording begins, 0..1. */
  readonly phase?: number
  readonly seed?: number
}

export interface SyntheticPressure {
  readonly pressure: number[]
  readonly onsets: number[]
}

/** Pressure-controlled ventilation: a third inspiration, pressures reached with the time constant `tau` of the lung. */
export function ventilated({ hz, seconds, rate, phase = 0, seed = 1, peep = 5, pip = 15, tau = 0.3 }: SyntheticBreathing & { peep?: number; pip?: number; tau?: number }): SyntheticPressure {
  const period = 60 / rate
  let p = peep
  return sampled({ hz, seconds, seed, period, phase }, (t) => {
    const target = t % period < period / 3 ? pip : peep
    p += (target - p) * (1 - Math.exp(-1 / hz / tau))
    return p
  })
}

/** Spontaneous breathing as a plain wave of the given height in hPa. */
export function waving({ hz, seconds, rate, phase = 0, seed = 1, heightHpa }: SyntheticBreathing & { heightHpa: number }): SyntheticPressure {
  const period = 60 / rate
  return sampled({ hz, seconds, seed, period, phase }, (t) => -((heightHpa * CMH2O_PER_HPA) / 2) * Math.cos((2 * Math.PI * t) / period))
}

interface Sampling {
  readonly hz: number
  readonly seconds: number
  readonly seed: number
  readonly period: number
  readonly phase: number
}

function sampled({ hz, seconds, seed, period, phase }: Sampling, at: (t: number) => number): SyntheticPressure {
  const random = createRandom(seed)
  const pressure: number[] = []
  const onsets: number[] = []
  for (let i = 0; i < hz * seconds; i += 1) {
    const t = i / hz + phase * period
    pressure.push(at(t) + SENSOR_NOISE * random.normal())
    if (i > 0 && Math.floor(t / period) > Math.floor((t - 1 / hz) / period)) onsets.push(i / hz)
  }
  return { pressure, onsets }
}

/** What is known at the end of each second. */
export function followBreathing(pressure: readonly number[], options: BreathingOptions): BreathingEstimate[] {
  const breathing = createBreathing(options)
  const seconds: BreathingEstimate[] = []
  pressure.forEach((p, i) => {
    breathing.push(p)
    if (i + 1 >= (seconds.length + 1) * options.hz) seconds.push(breathing.update())
  })
  return seconds
}
