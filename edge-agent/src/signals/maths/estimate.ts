import type { AbsenceReason, QuestionReason } from '@vigil/contract/quality'

/** One measure as it stands this second: a value, or the reason why there is none. Never both, never a stale number. */
export interface Estimate {
  readonly value?: number
  /** Why there is no value. */
  readonly absent?: AbsenceReason
  /** Why the value should be looked at twice. */
  readonly question?: QuestionReason
  /** Signal quality 0..100. */
  readonly sq: number
}

export const absence = (absent: AbsenceReason, sq = 0): Estimate => ({ absent, sq })
