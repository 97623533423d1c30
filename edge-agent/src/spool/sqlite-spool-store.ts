import { type DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Range, rangesOf } from '@vigil/contract/ranges'
import { type Farewell, type NewRecord, type ReadOptions, type RecordKind, type SpoolRecord, type SpoolStore } from './spool-store.ts'
import { type FileLock, isCorrupt, isFull } from './sqlite-file.ts'
import { type Growth } from './sqlite-growth.ts'
import { inTransaction, readMeta, writeMeta } from './sqlite-meta.ts'

// Stored as numbers.
const kinds: readonly RecordKind[] = ['sample', 'event', 'gap']

export interface SqliteSpoolParts {
  readonly epoch: string
  readonly boot: number
  readonly growth: Growth
  readonly lock: FileLock
}

/** The spool in a SQLite file; opened by `openSqliteSpool`. */
export class SqliteSpoolStore implements SpoolStore {
  readonly epoch: string
  readonly boot: number
  readonly #db: DatabaseSync
  readonly #parts: SqliteSpoolParts
  readonly #insert: StatementSync
  readonly #read: StatementSync
  readonly #readEvents: StatementSync
  readonly #delete: StatementSync
  #last: number
  /** The file does not hold together: the next start looks at every page and puts it aside. */
  #broken = false
  /** What receipts cover, when that is not in the file yet: it goes with the next write, which costs no fsync of its own. */
  #unsavedCovered: readonly Range[] | undefined

  constructor(db: DatabaseSync, parts: SqliteSpoolParts) {
    this.#db = db
    this.#parts = parts
    this.epoch = parts.epoch
    this.boot = parts.boot
    this.#insert = db.prepare('insert into record (seq, kind, boot, body) values (?, ?, ?, ?)')
    this.#read = db.prepare('select seq, kind, boot, body from record where seq between ? and ? order by seq limit ?')
    this.#readEvents = db.prepare('select seq, kind, boot, body from record where seq between ? and ? and kind = 1 order by seq limit ?')
    this.#delete = db.prepare('delete from record where seq in (select seq from record where seq between ? and ? order by seq limit ?) returning seq')
    this.#last = Math.max(Number(readMeta(db, 'skipped') ?? 0), Number(db.prepare('select max(seq) as last from record').get()?.['last'] ?? 0))
  }

  lastSeq(): number {
    return this.#last
  }

  kept(): Range[] {
    const runs = this.#db.prepare(`
      select min(seq) as first, max(seq) as last
      from (select seq, seq - row_number() over (order by seq) as run from record) group by run order by run`)
    return runs.all().map((row): Range => [Number(row['first']), Number(row['last'])])
  }

  gaps(): SpoolRecord[] {
    return this.#db.prepare('select seq, kind, boot, body from record where kind = 2 order by seq').all().map(toRecord)
  }

  covered(): Range[] {
    return [...(this.#unsavedCovered ?? (JSON.parse(readMeta(this.#db, 'covered') ?? '[]') as Range[]))]
  }

  append(batch: readonly NewRecord[]): number | undefined {
    const first = this.#last + 1
    const kept = this.#unlessFull(() => {
      this.#writeCovered()
      for (const [i, { kind, body }] of batch.entries()) this.#insert.run(first + i, kinds.indexOf(kind), this.boot, body)
    })
    if (!kept) return undefined
    this.#last += batch.length
    return first
  }

  read({ from, to, limit, eventsOnly = false }: ReadOptions): SpoolRecord[] {
    return (eventsOnly ? this.#readEvents : this.#read).all(from, to, limit).map(toRecord)
  }

  saveCovered(covered: readonly Range[]): void {
    this.#unsavedCovered = covered
  }

  drop([from, to]: Range, most: number): Range[] {
    let seqs: number[] = []
    const done = this.#unlessFull(() => {
      this.#writeCovered()
      seqs = this.#delete.all(from, to, most).map((row) => Number(row['seq']))
    })
    return done ? rangesOf(seqs) : []
  }

  skipTo(seq: number): void {
    if (seq <= this.#last) return
    this.#last = seq
    this.#unlessFull(() => writeMeta(this.#db, 'skipped', String(seq)))
  }

  farewell(): Farewell | undefined {
    const text = readMeta(this.#db, 'farewell')
    return text === undefined ? undefined : (JSON.parse(text) as Farewell)
  }

  clearFarewell(): void {
    this.#unlessFull(() => this.#db.exec(`delete from meta where key = 'farewell'`))
  }

  close(): void {
    this.#unlessFull(() => {
      this.#writeCovered()
      if (!this.#broken) writeMeta(this.#db, 'clean', '1')
    })
    this.#db.close()
    this.#parts.lock.release()
  }

  #writeCovered(): void {
    if (this.#unsavedCovered) writeMeta(this.#db, 'covered', JSON.stringify(this.#unsavedCovered))
  }

  /** One durable transaction; false when neither the file nor the disk has room for it. */
  #unlessFull(work: () => void): boolean {
    for (;;) {
      try {
        inTransaction(this.#db, work)
        this.#unsavedCovered = undefined
        return true
      } catch (error) {
        if (isCorrupt(error)) this.#broken = true
        if (!isFull(error)) throw error
        if (!this.#parts.growth.grow()) return false
      }
    }
  }
}

function toRecord(row: Record<string, unknown>): SpoolRecord {
  return { seq: Number(row['seq']), kind: kinds[Number(row['kind'])] ?? 'sample', boot: Number(row['boot']), body: String(row['body']) }
}
