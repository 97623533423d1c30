import type { Clock } from '@vigil/contract'
import type { Database } from '../store/connection.ts'
import { type DirtyMarks, MINUTE_MS } from './dirty-marks.ts'
import { dueMarks, handOver, recompute } from './rollup-pg.ts'

/** A minute is rolled up this long after its end, when a live device's last sample of it is surely committed. */
const SETTLED_AFTER_MS = 5_000
const LOOK_EVERY_MS = 1_000
/** Buckets in one transaction: short enough that a batch which waits for a mark does not notice. */
const CHUNK = 100
/** After a chunk the worker rests as long as it worked, and three times as long while objects wait for their commit. */
const REST_WHEN_IDLE = 1
const REST_WHEN_BUSY = 3

export interface RollupWorkerOptions {
  readonly database: Database
  readonly marks: DirtyMarks
  readonly clock: Clock
  readonly bridgeId: string
  /** Resolves when the batch in flight now, if any, is over. */
  readonly settled: () => Promise<void>
  /** Whether objects wait for their commit. */
  readonly busy: () => boolean
  readonly onRolledUp: (buckets: number, tookMs: number) => void
  /** The database has answered. */
  readonly onLooked: () => void
  readonly onFailure: (error: unknown) => void
}

export interface RollupWorker {
  /** Recomputes everything due, chunk after chunk. Answers how many buckets that were. */
  runNow(): Promise<number>
  /** Finishes the chunk in hand and hands the remaining marks on. */
  stop(): Promise<void>
}

/** Keeps the roll-ups in agreement with the samples, late data included, in the breaks the ingest leaves. */
export function createRollupWorker(options: RollupWorkerOptions): RollupWorker {
  const { database, marks, clock, bridgeId } = options
  let stopped = false
  let cancel: (() => void) | undefined
  let working: Promise<unknown> = Promise.resolve()

  const chunk = async (): Promise<number> => {
    const due = await database.use((connection) => dueMarks(connection, { latest: clock.now() - MINUTE_MS - SETTLED_AFTER_MS, bridge: bridgeId, most: CHUNK }))
    if (due.length === 0) return 0
    const round = marks.beginRound()
    try {
      // A batch that began before the round may rely on a mark that is about to go: its rows must be there to be read.
      await options.settled()
      await database.use((connection) => recompute(connection, due))
    } finally {
      round.end()
    }
    return due.length
  }

  const look = async (): Promise<void> => {
    const beganAt = clock.monotonic()
    let done = 0
    try {
      done = await chunk()
      options.onLooked()
    } catch (error) {
      options.onFailure(error)
    }
    const tookMs = clock.monotonic() - beganAt
    if (done > 0) options.onRolledUp(done, tookMs)
    const rest = done < CHUNK ? LOOK_EVERY_MS : tookMs * (options.busy() ? REST_WHEN_BUSY : REST_WHEN_IDLE)
    if (!stopped) schedule(rest)
  }

  const schedule = (afterMs: number) => {
    cancel = clock.after(afterMs, () => {
      working = look()
    })
  }
  schedule(LOOK_EVERY_MS)

  return {
    async runNow() {
      let total = 0
      await working
      for (let done = await chunk(); done > 0; done = await chunk()) total += done
      return total
    },
    async stop() {
      stopped = true
      cancel?.()
      await working
      await database.use((connection) => handOver(connection, bridgeId)).catch(options.onFailure)
    },
  }
}
