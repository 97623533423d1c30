import type { DatabaseSync } from 'node:sqlite'
import { contiguousUpto, type Range, rangesOf } from '@vigil/contract/ranges'
import { writeMark } from './epoch-mark.ts'
import { reserveFor } from './number-reserve.ts'
import type { Farewell, LostStore, NewRecord, ReadOptions, SpoolRecord, SpoolStore } from './spool-store.ts'
import { type FileLock, isCorrupt, isFull } from './sqlite-file.ts'
import type { Growth } from './sqlite-growth.ts'
import { inForcedTransaction, inTransaction, lastSeqOf, metaWriter, readMeta, readNumber, readRanges, writeMeta } from './sqlite-meta.ts'
import { type SqliteRecords, sqliteRecords } from './sqlite-records.ts'

export interface SqliteSpoolParts {
  readonly path: string
  readonly epoch: string
  readonly boot: number
  readonly synchronous: 'full' | 'normal'
  readonly growth: Growth
  readonly lock: FileLock
  readonly lostStore: LostStore | undefined
}

/** The spool in a SQLite file; opened by `openSqliteSpool`. */
export class SqliteSpoolStore implements SpoolStore {
  readonly epoch: string
  readonly boot: number
  readonly lostStore: LostStore | undefined
  readonly #db: DatabaseSync
  readonly #parts: SqliteSpoolParts
  readonly #records: SqliteRecords
  readonly #saveCovered: (ranges: string) => void
  #last: number
  #reserved: number
  readonly #torn: readonly Range[]
  readonly #lostBefore: number
  #damaged: readonly number[] = []
  /** The file does not hold together: the next start looks at every page and puts it aside. */
  #broken = false
  /** What receipts cover, when that is not in the file yet: it goes with the next write, which costs no fsync of its own. */
  #unsavedCovered: readonly Range[] | undefined

  constructor(db: DatabaseSync, parts: SqliteSpoolParts) {
    this.#db = db
    this.#parts = parts
    this.epoch = parts.epoch
    this.boot = parts.boot
    this.lostStore = parts.lostStore
    this.#saveCovered = metaWriter(db, 'covered')
    this.#records = sqliteRecords(db, (seqs) => this.#setAside(seqs))
    this.#last = lastSeqOf(db)
    this.#reserved = readNumber(db, 'reserved')
    this.#torn = readRanges(db, 'torn')
    this.#lostBefore = readNumber(db, 'lost_before')
    this.#mark()
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
    return this.#records.gaps()
  }

  covered(): Range[] {
    return this.#unsavedCovered ? [...this.#unsavedCovered] : readRanges(this.#db, 'covered')
  }

  torn(): readonly Range[] {
    return this.#torn
  }

  append(batch: readonly NewRecord[]): number | undefined {
    return this.exchange([], batch)
  }

  exchange(gone: readonly Range[], batch: readonly NewRecord[]): number | undefined {
    const first = this.#last + 1
    const last = this.#last + batch.length
    const reserve = reserveFor(last, this.#reserved)
    const kept = this.#unlessFull(() => {
      if (reserve !== undefined) writeMeta(this.#db, 'reserved', String(reserve))
      for (const [from, to] of gone) this.#records.remove(from, to, to - from + 1)
      for (const [i, record] of batch.entries()) this.#records.insert({ boot: this.boot, ...record, seq: first + i })
    }, reserve !== undefined)
    if (!kept) return undefined
    this.#last = last
    if (reserve !== undefined) {
      this.#reserved = reserve
      this.#mark()
    }
    return first
  }

  read(options: ReadOptions): SpoolRecord[] {
    return this.#records.read(options)
  }

  damaged(): readonly Range[] {
    const found = rangesOf(this.#damaged)
    this.#damaged = []
    return found
  }

  saveCovered(covered: readonly Range[]): void {
    this.#unsavedCovered = covered
  }

  drop([from, to]: Range, most: number): Range[] {
    let seqs: number[] = []
    const done = this.#unlessFull(() => {
      seqs = this.#records.remove(from, to, most)
    })
    return done ? rangesOf(seqs) : []
  }

  skipTo(seq: number): void {
    if (seq <= this.#last) return
    this.#last = seq
    this.#unlessFull(() => writeMeta(this.#db, 'skipped', String(seq)), true)
  }

  farewell(): Farewell | undefined {
    try {
      const text = readMeta(this.#db, 'farewell')
      return text === undefined ? undefined : (JSON.parse(text) as Farewell)
    } catch {
      return undefined
    }
  }

  clearFarewell(): void {
    this.#unlessFull(() => this.#db.exec(`delete from meta where key = 'farewell'`))
  }

  lostBefore(): number {
    return this.#lostBefore
  }

  close(): void {
    const closed = this.#unlessFull(() => {
      if (this.#broken) return
      writeMeta(this.#db, 'clean', '1')
      writeMeta(this.#db, 'reserved', String(this.#last))
    }, true)
    if (closed && !this.#broken) this.#reserved = this.#last
    this.#mark()
    this.#db.close()
    this.#parts.lock.release()
  }

  #mark(): void {
    writeMark(this.#parts.path, { epoch: this.epoch, upto: contiguousUpto(this.covered()), reserved: this.#reserved })
  }

  /** What a card has changed is of no use to anybody, but its numbers must be told. */
  #setAside(seqs: readonly number[]): void {
    this.#damaged = [...this.#damaged, ...seqs]
    this.#unlessFull(() => {
      for (const seq of seqs) this.#records.remove(seq, seq, 1)
    })
  }

  #writeCovered(): void {
    if (this.#unsavedCovered) this.#saveCovered(JSON.stringify(this.#unsavedCovered))
  }

  /** One transaction, on the disk when it returns if that is the policy or `forced`; false when neither file nor disk has room for it. */
  #unlessFull(work: () => unknown, forced = false): boolean {
    const { growth, synchronous } = this.#parts
    const all = (): void => {
      this.#writeCovered()
      work()
    }
    growth.begin()
    for (;;) {
      try {
        if (forced) inForcedTransaction(this.#db, synchronous, all)
        else inTransaction(this.#db, all)
        this.#unsavedCovered = undefined
        return true
      } catch (error) {
        if (isCorrupt(error)) this.#broken = true
        if (!isFull(error)) throw error
        if (!growth.grow() && !growth.makeDo()) return false
      }
    }
  }
}
