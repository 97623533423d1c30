import type { AbsenceReason } from '@vigil/contract/quality'

/** Notices when a sensor stops sending, so that nothing is measured twice from the same samples. */
export interface SilenceWatch {
  heard(): void
  missing(reason: AbsenceReason): void
  /** At the end of each second: why there is nothing to measure, or nothing when there is. */
  second(): AbsenceReason | 'never' | undefined
}

// A sensor read in bursts may miss the end of one second, not of two.
const LONGEST_PAUSE = 1

export function createSilenceWatch(): SilenceWatch {
  let known = false
  let reason: AbsenceReason | undefined
  let pause = 0
  return {
    heard() {
      known = true
      reason = undefined
      pause = 0
    },
    missing(why) {
      known = true
      reason = why
      pause = 0
    },
    second() {
      if (!known) return 'never'
      pause += 1
      const silent = pause > LONGEST_PAUSE + 1
      // One that neither begins nor says again that it will is not warming up.
      if (reason === 'warmup' && silent) return 'fault'
      return reason ?? (silent ? 'fault' : undefined)
    },
  }
}
