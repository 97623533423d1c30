import { type Clock, isAppError } from '@vigil/contract'
import type { Connection, Database } from '../store/connection.ts'
import { closeHours, type DueHour } from './close-hours.ts'
import { dueHours } from './due-hours.ts'
import { dropEmptyDays } from './empty-days.ts'
import { type Partition, partitionsOf } from './partitions-of.ts'

/** The first look after the start: a bridge that is started again and again still closes. */
const FIRST_AFTER_MS = 60_000
/** How often the rows that have become old enough are moved: their hour's segment is written anew each time. */
const EVERY_MS = 10 * 60_000
/** Device hours in one transaction: some tens of milliseconds at 1 Hz. */
const CHUNK = 8
/** After a chunk the closer rests as long as it worked, and three times as long while objects wait for their commit. */
const REST_WHEN_IDLE = 1
const REST_WHEN_BUSY = 3

export interface CloserOptions {
  readonly database: Database
  readonly clock: Clock
  /** Age at which a row is closed, ms since it was measured. */
  readonly afterMs: number
  /** Whether objects wait for their commit. */
  readonly busy: () => boolean
  readonly onClosed: (rows: number, tookMs: number) => void
  /** A device hour that cannot be packed exactly: its rows stay as they are. */
  readonly onInexact: (hour: DueHour, error: unknown) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Moves rows of `sample` into `segment` a while after they were measured, a device and an hour at a time, in the breaks the
 * ingest leaves. A live device's hour grows with each round, late data joins the hour it belongs to whenever it comes, and a
 * day partition that has become empty goes.
 */
export class Closer {
  readonly #options: CloserOptions
  /** Devices of a day with an hour that could not be packed; tried again after a restart. */
  readonly #inexact = new Set<string>()
  #stopped = false
  /** Somebody waits: no rests. */
  #hurried = false
  #cancel = () => {}
  #wake = () => {}
  #working: Promise<unknown> = Promise.resolve()

  constructor(options: CloserOptions) {
    this.#options = options
    this.#schedule(FIRST_AFTER_MS)
  }

  /** Closes everything that is due. Answers how many rows that were. */
  async runNow(): Promise<number> {
    this.#hurried = true
    this.#wake()
    await this.#working
    const round = this.#round()
    this.#working = round.catch(() => undefined)
    return round.finally(() => (this.#hurried = false))
  }

  /** Finishes the chunk in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    this.#wake()
    await this.#working
  }

  #schedule(inMs: number): void {
    this.#cancel = this.#options.clock.after(inMs, () => {
      this.#working = this.#round()
        .catch(this.#options.onFailure)
        .then(() => {
          if (!this.#stopped) this.#schedule(EVERY_MS)
        })
    })
  }

  async #round(): Promise<number> {
    const { database, clock, afterMs } = this.#options
    const untilMs = clock.now() - afterMs
    let total = 0
    for (const partition of await database.use((connection) => partitionsOf(connection, 'sample'))) {
      if (this.#stopped || partition.fromMs >= untilMs) break
      await ensureSegments(database, partition)
      total += await this.#closePartition(partition, untilMs)
    }
    if (!this.#stopped) await database.use((connection) => dropEmptyDays(connection, untilMs))
    return total
  }

  async #closePartition(partition: Partition, untilMs: number): Promise<number> {
    let total = 0
    while (!this.#stopped) {
      const found = await this.#options.database.use((connection) => dueHours(connection, partition, untilMs))
      const due = found.filter((hour) => !this.#inexact.has(keyOf(hour)))
      if (due.length === 0) return total
      for (let from = 0; from < due.length && !this.#stopped; from += CHUNK) total += await this.#closeAndRest(due.slice(from, from + CHUNK))
    }
    return total
  }

  async #closeAndRest(chunk: readonly DueHour[]): Promise<number> {
    const { clock, onClosed } = this.#options
    const beganAt = clock.monotonic()
    const rows = await this.#closeChunk(chunk)
    const tookMs = clock.monotonic() - beganAt
    onClosed(rows, tookMs)
    if (!this.#hurried && !this.#stopped) await this.#rest(tookMs)
    return rows
  }

  async #closeChunk(chunk: readonly DueHour[]): Promise<number> {
    try {
      return await this.#options.database.use((connection) => closeHours(connection, chunk))
    } catch (error) {
      // The server refused, or is away: everything stays as it was, and is tried again in the next round.
      if (!isAppError(error) || error.code !== 'SEGMENT_NOT_EXACT') throw error
      const [hour] = chunk
      if (chunk.length > 1 || !hour) return this.#closeOneByOne(chunk)
      this.#inexact.add(keyOf(hour))
      this.#options.onInexact(hour, error)
      return 0
    }
  }

  async #closeOneByOne(chunk: readonly DueHour[]): Promise<number> {
    let rows = 0
    for (const hour of chunk) rows += await this.#closeChunk([hour])
    return rows
  }

  async #rest(tookMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#cancel = this.#options.clock.after(tookMs * (this.#options.busy() ? REST_WHEN_BUSY : REST_WHEN_IDLE), resolve)
    this.#wake = resolve
    await promise
  }
}

function ensureSegments(database: Database, { fromMs }: Partition): Promise<unknown> {
  const day = new Date(fromMs).toISOString().slice(0, 10)
  return database.use((connection: Connection) => connection.query({ text: 'select ensure_segment_partition($1::date)', values: [day] }))
}

function keyOf({ partition, deviceNo }: DueHour): string {
  return `${partition}/${deviceNo}`
}
