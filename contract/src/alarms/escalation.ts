import type { Priority } from './vocabulary.ts'

/** One named step of an escalation, counted from when the alarm was announced and stayed unanswered. Plain timers, nothing else. */
export interface EscalationStep {
  readonly name: string
  readonly afterMs: number
}

/** Who is told, and when. The first notice goes out at once to `first`. */
export const defaultEscalation: Readonly<Record<Priority, readonly EscalationStep[]>> = {
  high: [{ name: 'next', afterMs: 60_000 }, { name: 'charge', afterMs: 120_000 }],
  medium: [{ name: 'next', afterMs: 300_000 }],
  low: [],
}

/** Nobody can hear: the charge nurse is told within this time of the announcement. */
export const UNHEARD_MS = 10_000
export const FIRST_STEP = 'first'
/** The step a ward without an armed screen goes to. */
export const UNHEARD_STEP = 'charge'
