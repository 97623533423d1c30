import { join, dirname, basename } from 'node:path'
import { type Clock, errorCodes, isAppError, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'
import { doneWithin } from '../time-limit.ts'
import { openJournalFile, type JournalFile } from './journal-file.ts'

/** `id` makes writing a record again harmless. */
export interface JournalRecord {
  readonly id: string
}

/** Takes records into PostgreSQL; a record it already has is left alone. */
export interface JournalSink<T extends JournalRecord> {
  write(records: readonly T[]): Promise<void>
}

/**
 * Records that must reach PostgreSQL, on the local disk first: whoever appends knows that they are safe without waiting
 * for the database, and with PostgreSQL away they stay on the disk until it is back.
 */
export interface Journal<T extends JournalRecord> {
  append(records: readonly T[]): Promise<void>
  /** Takes what waits to PostgreSQL now, if it is there. Never fails. */
  drain(): Promise<void>
  /** Bytes still waiting on the disk. */
  depth(): number
  /** Records PostgreSQL refused for good; they stay in the file `*.rejected.jsonl`. */
  rejected(): number
  stop(): Promise<void>
}

/** What goes with records into the transaction that takes them to PostgreSQL. */
export interface Carrier<P> {
  /** Of the work under way. */
  entries(): readonly P[]
  /** Runs with these, and with nothing of whoever happens to start it. */
  carry<R>(entries: readonly P[], run: () => R): R
}

export interface JournalOptions<T extends JournalRecord> {
  readonly path: string
  readonly sink: JournalSink<T>
  readonly carrier?: Carrier<unknown>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

type Line<T> = T & { readonly due?: readonly unknown[] }

const NO_CARRIER: Carrier<unknown> = { entries: () => [], carry: (_entries, run) => run() }
const RETRY_EVERY_MS = 1_000
const BATCH = 500
/** What does not reach a slow database by then is taken there after the next start. */
const STOP_LIMIT_MS = 2_000

export async function openJournal<T extends JournalRecord>(options: JournalOptions<T>): Promise<Journal<T>> {
  return new DiskJournal(options, await openJournalFile(options.path))
}

class DiskJournal<T extends JournalRecord> implements Journal<T> {
  readonly #options: JournalOptions<T>
  readonly #file: JournalFile
  readonly #stops: readonly Stop[]
  #rejects: Promise<JournalFile> | undefined
  #rejected = 0
  #draining: Promise<void> | undefined

  constructor(options: JournalOptions<T>, file: JournalFile) {
    this.#options = options
    this.#file = file
    this.#stops = [options.clock.every(RETRY_EVERY_MS, () => void this.#drainOnce()), options.health.onChange(() => void this.#drainOnce())]
  }

  async append(records: readonly T[]): Promise<void> {
    const due = (this.#options.carrier ?? NO_CARRIER).entries()
    await this.#file.append(records.map((record) => JSON.stringify(due.length === 0 ? record : { ...record, due })))
    void this.#drainOnce()
  }

  async drain(): Promise<void> {
    // A drain under way may have looked before the newest record was there.
    await this.#draining
    await this.#drainOnce()
  }

  depth(): number {
    return this.#file.depth()
  }

  rejected(): number {
    return this.#rejected
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop()
    await doneWithin(this.#options.clock, STOP_LIMIT_MS, this.drain())
    await this.#file.close()
    await (await this.#rejects)?.close()
  }

  #drainOnce(): Promise<void> {
    this.#draining ??= this.#drainAll()
      .catch((err: unknown) => this.#options.log.warn({ err, bytes: this.depth() }, 'journal.waits'))
      .finally(() => {
        this.#draining = undefined
      })
    return this.#draining
  }

  async #drainAll(): Promise<void> {
    while (this.depth() > 0 && this.#options.health.state() === 'ok') {
      const chunk = await this.#file.peek()
      if (chunk.lines.length === 0) return
      const records = chunk.lines.flatMap((line) => parse<Line<T>>(line, this.#options.log))
      for (let i = 0; i < records.length; i += BATCH) await this.#write(records.slice(i, i + BATCH))
      await chunk.taken()
    }
  }

  async #write(records: readonly Line<T>[]): Promise<void> {
    try {
      const { carrier = NO_CARRIER, sink } = this.#options
      await carrier.carry(records.flatMap(({ due = [] }) => due), () => sink.write(records))
    } catch (error) {
      if (mayPass(error)) throw error
      // One record spoils the batch: each half alone, until the one is found.
      const [first] = records
      if (records.length === 1 && first) return this.#reject(first, error)
      const middle = records.length >> 1
      await this.#write(records.slice(0, middle))
      await this.#write(records.slice(middle))
    }
  }

  async #reject(record: T, err: unknown): Promise<void> {
    const { path, log } = this.#options
    this.#rejected += 1
    log.error({ err, recordId: record.id }, 'journal.record_rejected')
    this.#rejects ??= openJournalFile(join(dirname(path), basename(path).replace(/\.jsonl$/, '.rejected.jsonl')))
    await (await this.#rejects).append([JSON.stringify(record)])
  }
}

/** Whether the same records can be written later: everything but an answer that they are wrong. */
function mayPass(error: unknown): boolean {
  return isAppError(error) && errorCodes[error.code].retry
}

function parse<T>(line: string, log: Log): T[] {
  try {
    return [JSON.parse(line) as T]
  } catch (err) {
    log.error({ err }, 'journal.line_unreadable')
    return []
  }
}
