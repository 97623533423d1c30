import { AppError } from '@vigil/contract'
import type { Connection } from '@vigil/ingest-bridge'
import { away, type DatabaseFaults, refused } from './database-faults.ts'
import type { Chance } from './seeded.ts'
import { SimTransaction, type TransactionHome } from './sim-transaction.ts'
import { ignored, statements } from './statements.ts'
import type { Life, VirtualTime } from './virtual-time.ts'

/** The database a session belongs to, and what may go wrong in it. */
export interface SessionHome extends TransactionHome {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly faults: DatabaseFaults
  forget(session: { cut(): void }): void
}

/** As the bridge's own client-side limit. */
const QUERY_TIMEOUT_MS = 5_000
/** A session that hangs is ended by the server. */
const IDLE_IN_TRANSACTION_MS = 10_000
/** One connection's session. */
export class SimSession implements Connection {
  open = true
  readonly #database: SessionHome
  readonly #life: Life
  #transaction: SimTransaction | undefined
  #fail: ((error: Error) => void) | undefined

  constructor(database: SessionHome, life: Life) {
    this.#database = database
    this.#life = life
  }

  async query<R>({ text, values = [], name = '' }: { text: string; values?: readonly unknown[]; name?: string }): Promise<R[]> {
    return (await this.#ask(name || text, async () => this.#run(name, text, values))) as R[]
  }

  begin<R>(first: string, { name, values }: Parameters<Connection['begin']>[1]): Promise<readonly [readonly Readonly<Record<string, unknown>>[], readonly R[]]> {
    return this.#ask('begin', async () => {
      const asked = await this.#run('', `begin; ${first}`, [])
      return [asked as readonly Readonly<Record<string, unknown>>[], (await this.#run(name, '', values)) as readonly R[]] as const
    })
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

  #must(): SimTransaction {
    if (!this.#transaction?.open) throw away('there is no transaction')
    return this.#transaction
  }

  async #run(name: string, text: string, values: readonly unknown[]): Promise<readonly unknown[]> {
    if (text.startsWith('begin')) {
      this.#transaction = new SimTransaction(this.#database)
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
    const transaction = this.#transaction ?? new SimTransaction(this.#database)
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
