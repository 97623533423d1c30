import { absence, type Estimate } from '../maths/estimate.ts'
import type { LightChannel } from './light-channel.ts'
import { quantile } from '../maths/statistics.ts'
import { WORKING_HZ } from '../pulse/working-rate.ts'

/** What the pulse of the same seconds is like. */
export interface PulseState {
  readonly steady: boolean
  readonly locked: boolean
}

/** Below this there is no tissue, only noise of the light. */
export const NO_FINGER_PERFUSION = 0.05

const FIRST_ANSWER_S = 6

/** Perfusion index in per cent: the pulse, from its 3rd to its 97th percentile, over the steady light. */
export function perfusionOf(channel: LightChannel): number {
  const pulse = channel.pulse()
  return pulse.length === 0 ? 0 : (100 * (quantile(pulse, 0.97) - quantile(pulse, 0.03))) / Math.abs(channel.steady())
}

/** The index as it is told: hidden by movement, questionable when what moves may not be a pulse. */
export function describePerfusion(channel: LightChannel, { steady, locked }: PulseState): Estimate {
  if (channel.pulse().length < FIRST_ANSWER_S * WORKING_HZ) return absence('warmup')
  if (!steady) return absence('motion')
  const value = perfusionOf(channel)
  if (value < NO_FINGER_PERFUSION) return absence('off')
  return locked ? { value, sq: 100 } : { value, sq: 50, question: 'low' }
}
