import type { SampleBlock } from '../maths/sample-stream.ts'

/** Pressure of the room in Pa, smoothed: it changes with weather and doors, its sensor's noise would be seen in every breath. */
export interface AmbientPressure {
  push(block: SampleBlock): void
  /** The sensor could not be read. */
  missing(): void
  /** Once a second. */
  tick(): void
  /** Nothing when it is not known, or was known too long ago. */
  readonly pascal: number | undefined
}

const SMOOTHING_S = 2
// The room moves by a few Pa in this time; after it an old value would pass off weather as PEEP.
const USABLE_S = 10

export function createAmbientPressure(): AmbientPressure {
  let smooth: number | undefined
  let age = 0
  return {
    push({ hz, values }) {
      const share = 1 / (SMOOTHING_S * hz + 1)
      for (let i = 0; i < values.length; i += 1) {
        const p = values[i] as number
        smooth = smooth === undefined ? p : smooth + share * (p - smooth)
      }
      if (values.length > 0) age = 0
    },
    missing() {
      age = USABLE_S
    },
    tick() {
      age += 1
      if (age > USABLE_S) smooth = undefined
    },
    get pascal() {
      return smooth
    },
  }
}
