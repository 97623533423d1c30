import type { Clock } from '@vigil/contract'
import { createOnceAnHour } from './once-an-hour.ts'

export interface VisitLook {
  /** The session of a person; a program's every call is written. */
  readonly session: string | undefined
  /** Stay or device. */
  readonly about: string
  readonly signals: string
  readonly fromMs: number
  readonly toMs: number
}

/**
 * A page that stays open renews its picture: the same signals over the same length of time, up to now. That is one look, not one each time;
 * it is written at its beginning and again each hour it goes on. A range that ends in the past is what somebody asked for, and each is written.
 */
export interface Visits {
  /** Whether this goes on with a look that is written. Ask after the answer is there: a look that failed was none. */
  goesOn(look: VisitLook): boolean
}

/** A picture up to now has its end within this of now. */
const NOW_WITHIN_MS = 120_000

export function createVisits(clock: Clock): Visits {
  const isDue = createOnceAnHour(clock)
  return {
    goesOn({ session, about, signals, fromMs, toMs }) {
      if (session === undefined || Math.abs(clock.now() - toMs) > NOW_WITHIN_MS) return false
      return !isDue(`${session} ${about} ${signals} ${Math.round((toMs - fromMs) / 1_000)}`)
    },
  }
}
