import { AppError, type Range } from '@vigil/contract'
import { type Connection, COPY_HEAD_BYTES, type Database } from '@vigil/ingest-bridge'
import { readCopiedRows, wholeOf } from './copy-rows.ts'
import type { FaultCount } from './faults.ts'
import type { Mutant } from './mutants.ts'
import type { Chance } from './seeded.ts'
import { ignored, statements } from './statements.ts'
import { ledgerKey, type LedgerRow, type StoredRow, Tables } from './tables.ts'
import type { Life, VirtualTime } from './virtual-time.ts'

export interface DatabaseFaults {
  /** Chances per statement. */
  slow: number
  hung: number
  lost: number
  replyLost: number
  refused: number
  diskFull: number
  /** Whole states. */
  down: boolean
  readOnly: boolean
}

export const sound = (): DatabaseFaults => ({ slow: 0, hung: 0, lost: 0, replyLost: 0, refused: 0, diskFull: 0, down: false, readOnly: false })

/** As the bridge's own client-side limit. */
const QUERY_TIMEOUT_MS = 5_000
/** A session that hangs is ended by the server. */
const IDLE_IN_TRANSACTION_MS = 10_000
/** A pulse rate no column takes, for what only the database can refuse. */
export const POISON_RATE = 66.6

/** PostgreSQL as far as the durable lane knows it: transactions, row locks, what is committed, and everything that fails about it. */
export class SimDatabase {
  readonly devices = new Map<string, { no: number; site: string }>()
  readonly time: VirtualTime
  readonly chance: Chance
  readonly count: FaultCount
  readonly mutant: Mutant
  tables = new Tables()
  faults: DatabaseFaults = sound()
  /** Told of what each transaction left. */
  onCommit: (rows: readonly StoredRow[], ledger: readonly LedgerRow[]) => void = () => {}
  /** Counts histories: a failover begins another one. */
  history = 0
  readonly #locks = new Map<string, { holder: Transaction; waiting: (() => void)[] }>()
  readonly #sessions = new Set<{ cut(): void }>()

  constructor(options: { time: VirtualTime; chance: Chance; count: FaultCount; mutant: Mutant }) {
    this.time = options.time
    this.chance = options.chance
    this.count = options.count
    this.mutant = options.mutant
  }

  covered(deviceNo: number, epoch: string): LedgerRow | undefined {
    return this.tables.ledger.get(ledgerKey(deviceNo, epoch))
  }

  /** Every session ends, and what was not committed is gone. */
  crash(): void {
    for (const session of this.#sessions) session.cut()
  }

  /** Another server takes over, with less than this one had. */
  failOver(to: Tables): void {
    this.crash()
    this.tables = new Tables(to)
    this.history++
  }

  /** A connection as the bridge makes one, for as long as the bridge lives. */
  connect({ life, onConnected }: { life: Life; onConnected?: (() => void) | undefined }): Database {
    let session: SimSession | undefined
    let aborted = false
    const runOn = async <T>(run: (connection: Connection) => Promise<T>): Promise<T> => {
      if (aborted) throw away('stopping')
      if (!session?.open) {
        await this.#opened()
        session = new SimSession(this, life)
        const made = session
        this.#sessions.add(made)
        onConnected?.()
      }
      const mine = session
      try {
        return await run(mine)
      } catch (error) {
        const code = (error as { code?: unknown }).code
        const refusedByServer = typeof code === 'string' && /^\d/.test(code)
        if (refusedByServer && mine.open) mine.rollback()
        else mine.cut()
        throw error
      }
    }
    let turn: Promise<unknown> = Promise.resolve()
    return {
      use(run) {
        const mine = turn.then(() => runOn(run))
        turn = mine.catch(() => undefined)
        return mine
      },
      abort() {
        aborted = true
        session?.cut()
      },
      async close() {
        await turn
        session?.cut()
      },
    }
  }

  forget(session: SimSession): void {
    this.#sessions.delete(session)
  }

  async lock(key: string, holder: Transaction): Promise<void> {
    if (this.mutant.lockless) return
    for (let held = this.#locks.get(key); held && held.holder !== holder; held = this.#locks.get(key)) {
      const { waiting } = held
      await new Promise<void>((resolve) => waiting.push(resolve))
      if (!holder.open) throw away('the session ended while it waited for a lock')
    }
    this.#locks.set(key, this.#locks.get(key) ?? { holder, waiting: [] })
  }

  unlock(holder: Transaction): void {
    for (const [key, held] of this.#locks) {
      if (held.holder !== holder) continue
      this.#locks.delete(key)
      for (const resolve of held.waiting) resolve()
    }
  }

  async #opened(): Promise<void> {
    await new Promise<void>((resolve) => this.time.after(1, { alive: true }, resolve))
    if (this.faults.down) {
      this.count.connection_refused++
      throw away('connect ECONNREFUSED')
    }
  }
}

/** One open transaction: what it has written, and what it would see. */
export class Transaction {
  readonly database: SimDatabase
  open = true
  readonly #tables: Tables
  readonly #ledger = new Map<string, LedgerRow>()
  readonly #rows: StoredRow[] = []
  #feed = false

  constructor(database: SimDatabase) {
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
    return { no, deviceNo, epoch, got: [] satisfies Range[], lost: [] satisfies Range[] }
  }

  setLedgerRow(row: LedgerRow): void {
    this.#ledger.set(ledgerKey(row.deviceNo, row.epoch), row)
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
    this.#tables.rows.push(...this.#rows)
    this.database.onCommit(this.#rows, [...this.#ledger.values()])
    if (this.#feed) this.#tables.feed.push(this.#tables.feed.length + 1)
    this.end()
  }

  end(): void {
    this.open = false
    this.database.unlock(this)
  }
}

class SimSession implements Connection {
  open = true
  readonly #database: SimDatabase
  readonly #life: Life
  #transaction: Transaction | undefined
  #fail: ((error: Error) => void) | undefined

  constructor(database: SimDatabase, life: Life) {
    this.#database = database
    this.#life = life
  }

  async query<R>({ text, values = [], name = '' }: { text: string; values?: readonly unknown[]; name?: string }): Promise<R[]> {
    return (await this.#ask(name || text, async () => this.#run(name, text, values))) as R[]
  }

  copyAndCommit(copy: string, frames: Buffer): Promise<void> {
    // The buffer is used again for the next batch; a server reads it as it comes.
    const sent = Buffer.from(frames)
    if (this.#database.mutant.ackBeforeCommit) return this.#later(copy, sent)
    return this.#ask('commit', async () => {
      this.#must().copy(copy, sent)
      this.#commit()
    })
  }

  commit(): Promise<void> {
    return this.#ask('commit', async () => this.#commit())
  }

  async copyOut(): Promise<void> {
    throw away('nothing is read here')
  }

  rollback(): void {
    this.#transaction?.end()
    this.#transaction = undefined
  }

  cut(): void {
    if (!this.open) return
    this.open = false
    this.rollback()
    this.#database.forget(this)
    this.#fail?.(away('the connection was lost'))
  }

  #commit(): void {
    this.#must().commit()
    this.#transaction = undefined
  }

  /** The mutant that answers first and commits afterwards, if it lives so long. */
  async #later(copy: string, sent: Buffer): Promise<void> {
    const transaction = this.#must()
    this.#transaction = undefined
    transaction.copy(copy, sent)
    this.#database.time.after(50, { alive: true }, () => (this.open && transaction.open ? transaction.commit() : transaction.end()))
  }

  #must(): Transaction {
    if (!this.#transaction?.open) throw away('there is no transaction')
    return this.#transaction
  }

  async #run(name: string, text: string, values: readonly unknown[]): Promise<readonly unknown[]> {
    if (text.startsWith('begin')) {
      this.#transaction = new Transaction(this.#database)
      return [{ wanted: true }]
    }
    if (text === 'rollback') {
      this.rollback()
      return []
    }
    if (ignored.has(name) || name === '') return []
    const statement = statements[name]
    if (!statement) throw new AppError('INTERNAL', `The simulated database does not know the statement ${name}: teach it in statements.ts.`)
    const alone = this.#transaction === undefined
    const transaction = this.#transaction ?? new Transaction(this.#database)
    const rows = await statement(transaction, values)
    if (alone) transaction.commit()
    return rows
  }

  /** One round trip, with everything that can happen to one. Answers nothing more once the bridge that asked is dead. */
  async #ask<T>(what: string, run: () => Promise<T>): Promise<T> {
    const { time, chance, faults, count } = this.#database
    const broken = new Promise<never>((_resolve, reject) => {
      this.#fail = reject
    })
    broken.catch(() => undefined)
    const wait = (ms: number) => new Promise<void>((resolve) => time.after(ms, { alive: true }, resolve))
    const answered = async (): Promise<T> => {
      if (!this.open) throw away('the connection was lost')
      await wait(chance.happens(faults.slow) ? (count.database_slow++, chance.between(100, 3_000)) : 1)
      if (faults.down || chance.happens(faults.lost)) {
        if (!faults.down) count.statement_lost++
        this.cut()
      }
      if (!this.open) throw away('the connection was lost')
      this.#refuse(what)
      const result = await run()
      if (chance.happens(faults.hung)) {
        count.database_hung++
        await wait(IDLE_IN_TRANSACTION_MS)
        this.cut()
      }
      if (chance.happens(faults.replyLost)) {
        count[what === 'commit' ? 'commit_reply_lost' : 'reply_lost']++
        this.cut()
      }
      await wait(1)
      return result
    }
    const late = new Promise<never>((_resolve, reject) => {
      time.after(QUERY_TIMEOUT_MS, { alive: true }, () => reject(away('Query read timeout')))
    })
    late.catch(() => undefined)
    try {
      return await Promise.race([answered(), broken, late])
    } finally {
      // A dead bridge hears nothing: it stops for ever in the middle of whatever it was doing, and the server rolls back.
      if (!this.#life.alive) await this.#silence()
    }
  }

  #silence(): Promise<never> {
    this.cut()
    return new Promise<never>(() => {})
  }

  #refuse(what: string): void {
    const { chance, faults, count } = this.#database
    if (faults.readOnly && what !== 'devices' && what !== 'ledger-ask') {
      count.read_only++
      throw refused('25006', 'cannot execute in a read-only transaction')
    }
    if (what === 'commit' && chance.happens(faults.diskFull)) {
      count.disk_full++
      throw refused('53100', 'could not extend file: No space left on device')
    }
    if (chance.happens(faults.refused)) {
      count.statement_refused++
      throw refused(chance.pick(['40001', '40P01', '57014', '53300']), 'refused for now')
    }
  }
}

function away(why: string): AppError {
  return new AppError('DATABASE_AWAY', `The simulated database is away: ${why}.`)
}

function refused(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
