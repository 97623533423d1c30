import { contiguousUpto, rangesContain, rangesOf, type Range, type Receipt, subtractRanges, unionRanges } from '@vigil/contract'
import type { Produced, SimBoard } from './sim-board.ts'
import type { SimDatabase } from './sim-database.ts'
import { covered } from './statements.ts'
import type { LedgerRow, StoredRow } from './tables.ts'

/** A rule was broken; the message says which and where. */
export class Broken extends Error {}

/** What must hold after each step, whatever fails. */
export class Invariants {
  readonly #database: SimDatabase
  readonly #boards: readonly SimBoard[]
  /** What was ever committed, in any history. */
  readonly #ever = new Map<string, readonly Range[]>()
  #seen = new Set<string>()
  #history = 0
  #lastPosition = 0
  /** Found by a listener in the middle of something else; told at the end of the step. */
  #broken: string | undefined

  constructor(database: SimDatabase, boards: readonly SimBoard[]) {
    this.#database = database
    this.#boards = boards
    database.onCommit = (rows, ledger) => this.#committed(rows, ledger)
  }

  /** Nothing is receipted that is not committed. */
  receipted(device: string, { e, upto, have = [] }: Receipt): void {
    const no = this.#database.devices.get(device)?.no ?? 0
    const said: Range[] = [...(upto > 0 ? [[1, upto] satisfies Range] : []), ...have.map(([from, to]): Range => [from, to])]
    // A server that failed over between COMMIT and receipt may know less; what no server ever knew was never committed.
    const [never] = subtractRanges(said, this.#ever.get(`${no}/${e}`) ?? [])
    const [now] = subtractRanges(said, covered(this.#database.covered(no, e)))
    if (never) this.#broken ??= `${device} was receipted ${never[0]}, which was never committed`
    else if (now && this.#database.history === 0) this.#broken ??= `${device} was receipted ${now[0]}, which is not committed`
  }

  /** Whatever was found during the step: each receipt and each commit is looked at when it happens. */
  afterStep(): void {
    if (this.#broken !== undefined) throw new Broken(this.#broken)
  }

  /** Memory is bounded. */
  bounds(waiting: readonly number[], limit: number): void {
    if (waiting.some((objects) => objects > limit)) throw new Broken(`a bridge holds ${Math.max(...waiting)} objects`)
    for (const board of this.#boards) if (board.spool.status().onTheWay > 60) throw new Broken(`${board.device} has ${board.spool.status().onTheWay} objects on the way`)
  }

  /** Everything that was recorded is there exactly once with its content, or was said to be given up. */
  atTheEnd(): void {
    for (const board of this.#boards) this.#judge(board)
  }

  #committed(rows: readonly StoredRow[], ledger: readonly LedgerRow[]): void {
    if (this.#history !== this.#database.history) {
      this.#history = this.#database.history
      this.#seen = new Set(this.#database.tables.rows.slice(0, this.#database.tables.rows.length - rows.length).map(keyOf))
    }
    for (const row of rows) {
      if (row.ledgerNo === 0) continue
      const key = keyOf(row)
      if (this.#seen.has(key)) this.#broken ??= `number ${row.seq} of ledger row ${row.ledgerNo} was stored twice`
      this.#seen.add(key)
    }
    for (const row of ledger) {
      const key = `${row.deviceNo}/${row.epoch}`
      this.#ever.set(key, unionRanges(this.#ever.get(key) ?? [], covered(row)))
      for (const stored of rows) if (stored.ledgerNo === row.no && !rangesContain(row.got, stored.seq)) this.#broken ??= `number ${stored.seq} was stored without the ledger`
    }
  }

  #judge(board: SimBoard): void {
    const { device, epoch, produced, store, spool } = board
    const ledger = this.#database.covered(this.#database.devices.get(device)?.no ?? 0, epoch)
    const rows = this.#rowsOf(ledger)
    const fail = (why: string): never => {
      throw new Broken(`${device}: ${why}`)
    }
    for (let seq = 1; seq <= store.lastSeq(); seq++) {
      const problem = problemOf({ rows: rows.get(seq) ?? [], produced: produced.get(seq), ledger, seq })
      if (problem !== undefined) fail(`number ${seq}: ${problem}`)
    }
    const [invented] = subtractRanges(rangesOf(rows.keys()), [[1, store.lastSeq()]])
    if (invented) fail(`${invented[0]} was never recorded`)
    if (spool.status().unsent > 0) fail(`${spool.status().unsent} objects without a receipt at the end`)
    if (contiguousUpto(covered(ledger)) < store.lastSeq()) fail(`the ledger has a hole after ${contiguousUpto(covered(ledger))}`)
  }

  #rowsOf(ledger: LedgerRow | undefined): Map<number, StoredRow[]> {
    const rows = new Map<number, StoredRow[]>()
    for (const row of this.#database.tables.rows) if (row.ledgerNo === ledger?.no) rows.set(row.seq, [...(rows.get(row.seq) ?? []), row])
    return rows
  }

  /** Positions of the feed become visible in their order. */
  feedGrew(): void {
    const last = this.#database.tables.feed.at(-1) ?? 0
    if (last < this.#lastPosition && this.#database.history === 0) this.#broken ??= `feed position ${last} became visible after ${this.#lastPosition}`
    this.#lastPosition = last
  }
}

interface Numbered {
  readonly rows: readonly StoredRow[]
  readonly produced: Produced | undefined
  readonly ledger: LedgerRow | undefined
  readonly seq: number
}

function problemOf({ rows, produced, ledger, seq }: Numbered): string | undefined {
  if (rows.length > 1) return `stored ${rows.length} times`
  const [row] = rows
  if (ledger && rangesContain(ledger.lost, seq)) return row && 'stored and said to be lost'
  // A gap has no row of its own: what it says stands in the ledger.
  if (!produced) return row ?? (ledger && rangesContain(ledger.got, seq)) ? undefined : 'a gap that was not heard'
  return row ? contentProblem(row, produced) : 'missing without a word'
}

function contentProblem(row: StoredRow, produced: Produced): string | undefined {
  if (produced.kind === 'poison') return row.kind === 'dead' ? undefined : 'poison was stored'
  return row.kind === produced.kind && row.content === produced.content ? undefined : `holds ${row.kind} ${row.content}, not ${produced.kind} ${produced.content}`
}

const keyOf = ({ ledgerNo, seq }: StoredRow): string => `${ledgerNo}/${seq}`
