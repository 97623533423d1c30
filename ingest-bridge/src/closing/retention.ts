import type { Clock } from '@vigil/contract'
import type { Connection, Database } from '../store/connection.ts'
import { DAY_MS } from '../store/partitions.ts'
import { dropPartition } from './drop-partition.ts'
import { type Partitioned, partitionsOf } from './partitions-of.ts'

/** Days each class of data is kept; 0 for ever. */
export interface RetentionDays {
  /** Samples as measured, closed or not. */
  readonly samples: number
  /** Waveforms, counted in frames. */
  readonly waves: number
  /** Roll-ups of a minute; those of an hour stay, one small row a signal. */
  readonly minutes: number
  readonly events: number
  readonly deadLetters: number
  /** HL7 messages as they came, once everything in them is stored. */
  readonly hl7Messages: number
  /** Admissions the hospital proposed, decided or not. */
  readonly proposals: number
}
export type RetentionClass = keyof RetentionDays

export interface RetentionOptions {
  readonly database: Database
  readonly clock: Clock
  readonly days: RetentionDays
  /** Rows dropped on purpose, because they had become too old. */
  readonly onDropped: (what: RetentionClass, rows: number) => void
  readonly onFailure: (error: unknown) => void
}

const FIRST_AFTER_MS = 5 * 60_000
const EVERY_MS = 60 * 60_000
/** Rows of one delete: short enough that nobody waits for it. */
const AT_ONCE = 5_000

/** What goes by whole partitions, and what is counted of each; so up to a month of closed samples more than asked is kept. */
const PARTITIONED: readonly { readonly what: 'samples' | 'waves'; readonly parent: Partitioned; readonly count: string }[] = [
  { what: 'samples', parent: 'sample', count: 'count(*)' },
  { what: 'samples', parent: 'segment', count: 'coalesce(sum(n), 0)' },
  { what: 'waves', parent: 'waveform', count: 'coalesce(sum(cardinality(t0s)), 0)' },
]

/** Tables whose rows go one by one. */
const TABLES: Readonly<Record<Exclude<RetentionClass, 'samples' | 'waves'>, { readonly table: string; readonly time: string; readonly only?: string }>> = {
  minutes: { table: 'rollup_1m', time: 'bucket' },
  events: { table: 'device_event', time: 't' },
  deadLetters: { table: 'dead_letter', time: 'received_at' },
  hl7Messages: { table: 'hl7_message', time: 'received_at', only: 'done' },
  proposals: { table: 'admission_proposal', time: 'received_at' },
}

/** Drops what is older than it has to be kept, hourly. Audit records and the ledger are never dropped. */
export class Retention {
  readonly #options: RetentionOptions
  #stopped = false
  #cancel = () => {}
  #working: Promise<unknown> = Promise.resolve()

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#schedule(FIRST_AFTER_MS)
  }

  async runNow(): Promise<void> {
    const { database, clock, days, onDropped } = this.#options
    const before = (kept: number) => clock.now() - kept * DAY_MS
    for (const { what, ...table } of PARTITIONED) {
      if (days[what] > 0) await database.use((connection) => dropPartitions(connection, table, before(days[what]), (rows) => onDropped(what, rows)))
    }
    for (const what of Object.keys(TABLES) as (keyof typeof TABLES)[]) {
      for (let rows = AT_ONCE; days[what] > 0 && rows === AT_ONCE && !this.#stopped; ) {
        rows = await database.use((connection) => deleteSome(connection, what, before(days[what])))
        if (rows > 0) onDropped(what, rows)
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  #schedule(inMs: number): void {
    this.#cancel = this.#options.clock.after(inMs, () => {
      this.#working = this.runNow()
        .catch(this.#options.onFailure)
        .then(() => {
          if (!this.#stopped) this.#schedule(EVERY_MS)
        })
    })
  }
}

async function dropPartitions(connection: Connection, { parent, count }: { parent: Partitioned; count: string }, beforeMs: number, onDropped: (rows: number) => void): Promise<void> {
  for (const { name, toMs } of await partitionsOf(connection, parent)) {
    if (toMs > beforeMs) continue
    const rows = await dropPartition(connection, { parent, name, count })
    if (rows !== undefined && rows > 0) onDropped(rows)
  }
}

async function deleteSome(connection: Connection, what: keyof typeof TABLES, beforeMs: number): Promise<number> {
  const { table, time, only = 'true' } = TABLES[what]
  const [row] = await connection.query<{ n: number }>({
    text: `with gone as (delete from ${table} where ctid = any (array(select ctid from ${table} where ${time} < to_timestamp($1::float8 / 1000) and ${only} limit ${AT_ONCE})) returning 1) select count(*)::int as n from gone`,
    values: [beforeMs],
  })
  return row?.n ?? 0
}
