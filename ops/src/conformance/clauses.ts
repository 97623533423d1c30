/** The clauses of docs/protocol.md that can be seen from outside, in the order of that page. */
export const clauses = {
  birth: 'says a birth that fits, retained, with its epoch and what it can do',
  will: 'leaves the will {"st":"lost"}, or says goodbye, when it is gone',
  topics: 'writes only the channels there are, below its own name',
  quality: 'publishes numbered objects, replies and states at quality of service 1',
  retained: 'has state and reported configuration kept, and nothing else',
  object: 'sends telemetry that fits its schema, at most 64 KiB, dated by t or up',
  epoch: 'uses the epoch of its birth',
  numbers: 'numbers objects and events 1, 2, 3 … without a hole that is not said',
  again: 'sends the same object when it sends a number again',
  clock: 'dates live objects within ten minutes of now',
  sentinels: 'sends believable numbers, never sentinels',
  absence: 'says of every signal it has that it is there or why it is not',
  backlog: 'sends backlog as arrays, oldest first',
  events: 'sends events that fit their schema',
  gaps: 'says which numbers it gave up',
  rewind: 'sends again from the number a rewind asks for',
  commands: 'accepts a command, then ends it with done, failed or refused',
  repeated: 'runs a repeated command once, and answers it with what it answered before',
  expired: 'answers a command that comes too late with expired',
  unknown: 'refuses a command it does not offer, with a sentence',
  configuration: 'reports the version it was asked for, what it runs with, and a sentence per refused key',
  waves: 'sends waveform frames that can be read',
} as const

export type Clause = keyof typeof clauses

export interface Verdict {
  readonly clause: Clause
  readonly says: string
  readonly state: 'kept' | 'broken' | 'not shown'
  /** How often it was seen kept. */
  readonly times: number
  /** What was wrong, and with which message. */
  readonly why?: string
  readonly offending?: string
}

/** Collects what was seen of each clause; the first breach stands. */
export interface Ledger {
  kept(clause: Clause): void
  broken(clause: Clause, why: string, offending?: string): void
  verdicts(): readonly Verdict[]
}

const LONGEST_SHOWN = 300

export function createLedger(): Ledger {
  const times = new Map<Clause, number>()
  const breaches = new Map<Clause, { why: string; offending: string | undefined }>()
  return {
    kept: (clause) => void times.set(clause, (times.get(clause) ?? 0) + 1),
    broken(clause, why, offending) {
      if (!breaches.has(clause)) breaches.set(clause, { why, offending: offending?.slice(0, LONGEST_SHOWN) })
    },
    verdicts: () =>
      (Object.keys(clauses) as Clause[]).map((clause) => {
        const breach = breaches.get(clause)
        const seen = times.get(clause) ?? 0
        const state = breach ? 'broken' : seen > 0 ? 'kept' : 'not shown'
        return { clause, says: clauses[clause], state, times: seen, ...(breach && { why: breach.why, ...(breach.offending !== undefined && { offending: breach.offending }) }) }
      }),
  }
}
