import { sine } from './trigonometry.ts'

/** Samples in, at whatever rate the sensor has; samples out at the working rate. */
export interface Resampler {
  /** Calls `emit` for every output sample that has become known; output n belongs to input time n / toHz. */
  push(x: number, emit: (y: number) => void): void
  /** Seconds between a moment and the push that lets its output sample out. */
  readonly delayS: number
  reset(): void
}

export interface ResamplerOptions {
  readonly fromHz: number
  readonly toHz: number
  /** Half length of the anti-alias kernel. */
  readonly halfWidthS?: number
}

// Kaiser beta 4 over +-0.12 s: flat to 4.6 Hz, 45 dB down from 15 Hz, so nothing folds into the pulse band of a 25 Hz signal.
const HALF_WIDTH_S = 0.12
const KAISER_BETA = 4
const TABLE_STEPS_PER_S = 1_000

/**
 * Rate change by a windowed sinc, evaluated where the output samples fall: one linear-phase filter for every rate from 25 to
 * 400 Hz, whole ratio or not, that is the anti-alias filter at the same time. Its delay is constant, so sample times stay exact.
 * Equal rates pass through untouched.
 */
export function createResampler({ fromHz, toHz, halfWidthS = HALF_WIDTH_S }: ResamplerOptions): Resampler {
  if (fromHz === toHz) return { push: (x, emit) => emit(x), delayS: 0, reset() {} }
  const cornerHz = 0.4 * Math.min(fromHz, toHz)
  const table = kernelTable(cornerHz, halfWidthS)
  const history = new Float64Array(2 * Math.ceil(halfWidthS * fromHz) + 2)
  let count = 0
  let produced = 0

  const at = (index: number): number => history[Math.max(index, 0) % history.length] as number
  const valueAt = (time: number): number => {
    const centre = time * fromHz
    const first = Math.ceil(centre - halfWidthS * fromHz)
    const last = Math.min(Math.floor(centre + halfWidthS * fromHz), count - 1)
    let sum = 0
    let weight = 0
    for (let i = first; i <= last; i += 1) {
      const place = (Math.abs(i - centre) / fromHz) * TABLE_STEPS_PER_S
      const step = Math.floor(place)
      const h = (table[step] as number) + (place - step) * ((table[step + 1] as number) - (table[step] as number))
      sum += h * at(i)
      weight += h
    }
    return sum / weight
  }
  return {
    delayS: halfWidthS,
    push(x, emit) {
      history[count % history.length] = x
      count += 1
      while (produced / toHz + halfWidthS <= (count - 1) / fromHz) {
        emit(valueAt(produced / toHz))
        produced += 1
      }
    },
    reset() {
      count = 0
      produced = 0
    },
  }
}

function kernelTable(cornerHz: number, halfWidthS: number): Float64Array {
  const table = new Float64Array(Math.ceil(halfWidthS * TABLE_STEPS_PER_S) + 2)
  for (let i = 0; i < table.length; i += 1) {
    const t = i / TABLE_STEPS_PER_S
    const u = Math.min(t / halfWidthS, 1)
    const angle = 2 * Math.PI * cornerHz * t
    const sinc = i === 0 ? 1 : sineOfAny(angle) / angle
    table[i] = sinc * bessel0(KAISER_BETA * Math.sqrt(1 - u * u))
  }
  return table
}

const sineOfAny = (angle: number): number => sine(angle - 2 * Math.PI * Math.floor(angle / (2 * Math.PI)))

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel0(x: number): number {
  let term = 1
  let sum = 1
  for (let n = 1; n < 25; n += 1) {
    term *= (x * x) / (4 * n * n)
    sum += term
  }
  return sum
}
