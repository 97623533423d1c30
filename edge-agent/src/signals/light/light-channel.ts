import { bandPass, createCascade } from '../maths/biquad.ts'
import { createSlidingWindow } from '../maths/sliding-window.ts'
import { mean } from '../maths/statistics.ts'
import { WORKING_HZ } from '../pulse/working-rate.ts'

/** One colour over the last ten seconds, split into the pulse and the steady light, in counts at the working rate. */
export interface LightChannel {
  push(count: number): void
  /** Band-passed, oldest first; valid until the next push. */
  pulse(): Float64Array
  /** Mean of the same stretch. */
  steady(): number
  reset(): void
}

const BAND_HZ = [0.6, 5] as const
const WINDOW_S = 10

export function createLightChannel(): LightChannel {
  const filter = createCascade(bandPass(...BAND_HZ, WORKING_HZ))
  const ac = createSlidingWindow(WINDOW_S * WORKING_HZ)
  const dc = createSlidingWindow(WINDOW_S * WORKING_HZ)
  return {
    push(count) {
      if (dc.count === 0) filter.settle(count)
      ac.push(filter.step(count))
      dc.push(count)
    },
    pulse: () => ac.view(),
    steady: () => mean(dc.view()),
    reset() {
      ac.reset()
      dc.reset()
    },
  }
}
