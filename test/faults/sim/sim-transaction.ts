import type { Range } from '@vigil/contract'
import { COPY_HEAD_BYTES } from '@vigil/ingest-bridge'
import { readCopiedRows, wholeOf } from './copy-rows.ts'
import { away, POISON_RATE, refused } from './database-faults.ts'
import type { FaultCount } from './faults.ts'
import type { Mutant } from './mutants.ts'
import type { Transaction } from './statements.ts'
import { ledgerKey, type LedgerRow, type PageRow, pageKey, type StoredRow, type Tables, wholeRow } from './tables.ts'

/** The database a transaction belongs to. */
export interface TransactionHome {
  readonly devices: ReadonlyMap<string, { readonly no: number; readonly site: string }>
  readonly mutant: Mutant
  readonly count: FaultCount
  readonly tables: Tables
  readonly onCommit: (rows: readonly StoredRow[], ledger: readonly LedgerRow[]) => void
  lock(key: string, holder: SimTransaction): Promise<void>
  unlock(holder: SimTransaction): void
}

/** One open transaction: what it has written, and what it would see. */
export class SimTransaction implements Transaction {
  readonly database: TransactionHome
  open = true
  readonly #tables: Tables
  readonly #ledger = new Map<string, LedgerRow>()
  readonly #pages = new Map<string, PageRow>()
  readonly #rows: StoredRow[] = []
  #feed = false

  constructor(database: TransactionHome) {
    this.database = database
    this.#tables = database.tables
  }

  lock(key: string): Promise<void> {
    return this.database.lock(key, this)
  }

  ledgerRow(deviceNo: number, epoch: string): LedgerRow | undefined {
    const key = ledgerKey(deviceNo, epoch)
    return this.#ledger.get(key) ?? this.#tables.ledger.get(key)
  }

  ledgerByNo(no: number): LedgerRow | undefined {
    return [...this.#ledger.values(), ...this.#tables.ledger.values()].find((row) => row.no === no)
  }

  newLedgerRow(known: number, deviceNo: number, epoch: string): LedgerRow {
    // A sequence that went back with its server may come upon a number that a bridge remembered and named.
    const no = known === 0 ? this.#tables.nextLedgerNo++ : known
    if (this.ledgerByNo(no)) throw refused('23505', 'ledger_no_key')
    return { no, deviceNo, epoch, got: [] satisfies Range[], lost: [] satisfies Range[], folded: 0, upto: 0 }
  }

  setLedgerRow(row: LedgerRow): void {
    this.#ledger.set(ledgerKey(row.deviceNo, row.epoch), row)
  }

  pagesOf(no: number): readonly PageRow[] {
    const seen = new Map([...this.#tables.pages, ...this.#pages])
    return [...seen.values()].filter((page) => page.no === no).sort((a, b) => a.from - b.from)
  }

  setPage(page: PageRow): void {
    this.#pages.set(pageKey(page), page)
  }

  insert(row: StoredRow): void {
    this.#rows.push(row)
  }

  appendToFeed(): void {
    this.#feed = true
  }

  copy(copy: string, frames: Buffer): void {
    for (const row of readCopiedRows(copy, frames, COPY_HEAD_BYTES)) {
      const rate = row.get('pr')?.readFloatBE()
      if (rate !== undefined && Math.abs(rate - POISON_RATE) < 0.001) {
        this.database.count.poison++
        throw refused('22003', 'numeric value out of range')
      }
      this.insert({ kind: 'sample', deviceNo: wholeOf(row, 'device_no'), ledgerNo: wholeOf(row, 'ledger_no'), seq: wholeOf(row, 'seq'), content: String(Math.round(rate ?? 0)) })
    }
  }

  commit(): void {
    if (this.database.tables !== this.#tables) throw away('the server was replaced')
    for (const [key, row] of this.#ledger) this.#tables.ledger.set(key, row)
    for (const [key, page] of this.#pages) this.#tables.pages.set(key, page)
    this.#tables.rows.push(...this.#rows)
    this.database.onCommit(this.#rows, [...this.#ledger.values()].map((row) => wholeRow(row, this.pagesOf(row.no))))
    if (this.#feed) this.#tables.feed.push(this.#tables.feed.length + 1)
    this.end()
  }

  end(): void {
    this.open = false
    this.database.unlock(this)
  }
}
