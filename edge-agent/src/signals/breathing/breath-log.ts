import { type Breath, measureBreath, type PressureHistory } from './breath.ts'
import { type BreathingRate, createBreathingRate } from './breathing-rate.ts'

/** What became known since the last question. */
export interface NewBreaths {
  readonly breaths: readonly Breath[]
  readonly onsets: readonly number[]
}

/** Makes breaths of onsets. */
export interface BreathLog {
  begin(onset: number): void
  readonly rate: BreathingRate
  /** The last complete breath. */
  readonly last: Breath | undefined
  takeNew(): NewBreaths
  /** Levels before this are no longer comparable with what follows. */
  forgetLevels(): void
  forget(): void
}

/** @param silentS as of `createBreathingRate` */
export function createBreathLog(history: PressureHistory, silentS?: number): BreathLog {
  const rate = createBreathingRate(silentS)
  let begun: number | undefined
  let last: Breath | undefined
  let breaths: Breath[] = []
  let onsets: number[] = []
  return {
    rate,
    get last() {
      return last
    },
    begin(onset) {
      const complete = begun === undefined ? undefined : measureBreath(history, begun, onset)
      if (complete) {
        breaths.push(complete)
        last = complete
      }
      begun = onset
      onsets.push(onset)
      rate.add(onset)
    },
    takeNew() {
      const fresh = { breaths, onsets }
      breaths = []
      onsets = []
      return fresh
    },
    forgetLevels() {
      last = undefined
      begun = undefined
    },
    forget() {
      rate.reset()
      last = undefined
      begun = undefined
    },
  }
}
