import type { Stage } from '../stage/stage.ts'

/** What one run of one side measured, e.g. `{ perSecond: 31200 }`. A name says its unit: `perSecond`, `p99Ms`, `bytesPerConnection`. */
export type Measures = Readonly<Record<string, number>>

/** A side that is set up, and can be run as often as asked. */
export interface Contestant {
  run(this: void): Promise<Measures>
  /** Lets go of what only this side used; the stage ends programs and databases by itself. */
  stop?(this: void): Promise<void>
}

export interface Side {
  readonly name: string
  /** Sets the side up. @throws `NotHere` when something cannot be had on this machine. */
  start(this: void, stage: Stage): Promise<Contestant>
}

/** `side.measure`. */
export type Measure = `${string}.${string}`

/** What must hold: a measure against its control in the same round, or against a fixed bound when no control is named. */
export interface Target {
  readonly says: string
  readonly of: Measure
  readonly to?: Measure
  readonly atLeast?: number
  readonly atMost?: number
}

/** One comparison: its sides run in turn, A B C A B C, so that whatever disturbs the machine disturbs all of them. */
export interface Benchmark {
  /** Short, for `--only`. */
  readonly name: string
  readonly what: string
  readonly sides: readonly Side[]
  readonly targets: readonly Target[]
  /** So many rounds more before the first, uncounted: a server that has run for days is not at its first hundred thousand messages. Default none. */
  readonly warmUp?: number
  /** Longest one run of one side may take; default one minute. */
  readonly runLimitMs?: number
}

/** A side that this machine does not have: said in the report, and no failure. */
export class NotHere extends Error {
  override readonly name = 'NotHere'
}
