import type { Connection, Database } from '@vigil/ingest-bridge'
import { away, type DatabaseFaults, sound } from './database-faults.ts'
import type { FaultCount } from './faults.ts'
import type { Mutant } from './mutants.ts'
import type { Chance } from './seeded.ts'
import { type SessionHome, SimSession } from './sim-session.ts'
import type { SimTransaction } from './sim-transaction.ts'
import { ledgerKey, type LedgerRow, type StoredRow, Tables, wholeRow } from './tables.ts'
import type { Life, VirtualTime } from './virtual-time.ts'

/** PostgreSQL as far as the durable lane knows it: transactions, row locks, what is committed, and everything that fails about it. */
export class SimDatabase implements SessionHome {
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
  readonly #locks = new Map<string, { holder: SimTransaction; waiting: (() => void)[] }>()
  readonly #sessions = new Set<{ cut(): void }>()

  constructor(options: { time: VirtualTime; chance: Chance; count: FaultCount; mutant: Mutant }) {
    this.time = options.time
    this.chance = options.chance
    this.count = options.count
    this.mutant = options.mutant
  }

  /** A ledger row with all its numbers, those in pages too. */
  covered(deviceNo: number, epoch: string): LedgerRow | undefined {
    const row = this.tables.ledger.get(ledgerKey(deviceNo, epoch))
    return row && wholeRow(row, [...this.tables.pages.values()].filter((page) => page.no === row.no))
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

  forget(session: { cut(): void }): void {
    this.#sessions.delete(session)
  }

  async lock(key: string, holder: SimTransaction): Promise<void> {
    if (this.mutant.lockless) return
    for (let held = this.#locks.get(key); held && held.holder !== holder; held = this.#locks.get(key)) {
      const { waiting } = held
      await new Promise<void>((resolve) => waiting.push(resolve))
      if (!holder.open) throw away('the session ended while it waited for a lock')
    }
    this.#locks.set(key, this.#locks.get(key) ?? { holder, waiting: [] })
  }

  unlock(holder: SimTransaction): void {
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
