import { bandPass, createCascade } from '../maths/biquad.ts'

/** Tells which way up a pulse wave is: blood comes faster than it goes, so the steep side of every beat is its systole. */
export interface PulsePolarity {
  push(x: number): void
  /** True when systole clearly lowers the samples, false when it clearly raises them, nothing when the wave does not tell. */
  readonly falling: boolean | undefined
}

// Wider than the band beats are found in: the steepness is in the overtones.
const BAND_HZ = [0.5, 8] as const
const SETTLE_S = 1
// Skewness of the slope; a fingertip shows 0.5 to 3, a finger clip smoothed by its monitor 0.2.
const CLEAR = 0.2

/** @param hz 25 or more; the wave needs four seconds */
export function createPulsePolarity(hz: number): PulsePolarity {
  const filter = createCascade(bandPass(BAND_HZ[0], Math.min(BAND_HZ[1], 0.4 * hz), hz))
  const halves = [slopeSkewness(), slopeSkewness()] as const
  let count = 0
  let before = 0
  return {
    push(x) {
      if (count === 0) filter.settle(x)
      const y = filter.step(x)
      // The two halves are interleaved second by second: one movement does not speak in both.
      if (count > SETTLE_S * hz) halves[Math.floor(count / hz) % 2 === 0 ? 0 : 1].add(y - before)
      before = y
      count += 1
    },
    get falling() {
      const [a, b] = [halves[0].value(), halves[1].value()]
      if (a > CLEAR && b > CLEAR) return false
      return a < -CLEAR && b < -CLEAR ? true : undefined
    },
  }
}

function slopeSkewness(): { add(slope: number): void; value(): number } {
  let n = 0
  let squares = 0
  let cubes = 0
  return {
    add(slope) {
      n += 1
      squares += slope * slope
      cubes += slope * slope * slope
    },
    value: () => (squares === 0 ? 0 : cubes / n / (squares / n) ** 1.5),
  }
}
