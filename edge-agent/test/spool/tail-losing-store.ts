import { type Range, rangesOf } from '@vigil/contract/ranges'
import { reserveFor, tornTail } from '../../src/spool/number-reserve.ts'
import type { NewRecord, ReadOptions, SpoolRecord } from '../../src/spool/spool-store.ts'
import { type CrashableStore, EPOCH } from './faulty-world.ts'

interface State {
  readonly records: ReadonlyMap<number, SpoolRecord>
  readonly skipped: number
  readonly reserved: number
  readonly covered: readonly Range[]
  readonly torn: readonly Range[]
}

export interface TailLosingOptions {
  readonly capacity: number
  readonly random: () => number
  /** A store without reservations: what a board must not be. */
  readonly careless?: boolean
  /** Told how many transactions a power cut took. */
  readonly onTorn?: (transactions: number) => void
}

/**
 * A store whose disk keeps transactions in order but forces only some of them: a power cut takes any number of the newest that
 * were not forced. This is what SQLite promises for `synchronous = normal` with a write-ahead log.
 */
export function tailLosingStore({ capacity, random, careless = false, onTorn = () => {} }: TailLosingOptions): CrashableStore {
  // States since the last forced one, which stands first.
  let states: State[] = [{ records: new Map(), skipped: 0, reserved: 0, covered: [], torn: [] }]
  let unsaved: readonly Range[] | undefined
  let boot = 1

  const now = (): State => states.at(-1) as State
  const lastSeq = (): number => Math.max(now().skipped, ...now().records.keys(), 0)

  function commit(change: Partial<State>, forced: boolean): void {
    const next = { ...now(), ...(unsaved && { covered: unsaved }), ...change }
    unsaved = undefined
    states = forced ? [next] : [...states, next]
  }

  function exchange(gone: readonly Range[], batch: readonly NewRecord[]): number | undefined {
    const records = new Map(now().records)
    for (const [from, to] of gone) for (let seq = from; seq <= to; seq++) records.delete(seq)
    if (records.size + batch.length > capacity) return undefined
    const first = lastSeq() + 1
    for (const [i, record] of batch.entries()) records.set(first + i, { boot, ...record, seq: first + i })
    const reserve = careless ? undefined : reserveFor(first + batch.length - 1, now().reserved)
    commit({ records, ...(reserve !== undefined && { reserved: reserve }) }, reserve !== undefined)
    return first
  }

  function read({ from, to, limit, only }: ReadOptions): SpoolRecord[] {
    const found = [...now().records.values()].filter(({ seq, kind }) => seq >= from && seq <= to && (only === undefined || kind === only))
    return found.sort((a, b) => a.seq - b.seq).slice(0, limit)
  }

  return {
    epoch: EPOCH,
    get boot() {
      return boot
    },
    lastSeq,
    kept: () => rangesOf(now().records.keys()),
    gaps: () => read({ from: 1, to: lastSeq(), limit: capacity }).filter(({ kind }) => kind === 'gap'),
    covered: () => [...(unsaved ?? now().covered)],
    append: (batch) => exchange([], batch),
    exchange,
    torn: () => now().torn,
    damaged: () => [],
    read,
    saveCovered: (covered) => {
      unsaved = [...covered]
    },
    drop([from, to], most) {
      const seqs = read({ from, to, limit: most }).map(({ seq }) => seq)
      const records = new Map(now().records)
      for (const seq of seqs) records.delete(seq)
      commit({ records }, false)
      return rangesOf(seqs)
    },
    skipTo: (seq) => commit({ skipped: Math.max(now().skipped, seq) }, true),
    farewell: () => undefined,
    clearFarewell: () => {},
    lostBefore: () => 0,
    close: () => {},
    /** The power goes, and comes back. */
    crash() {
      unsaved = undefined
      const kept = 1 + Math.floor(random() * states.length)
      onTorn(states.length - kept)
      states = states.slice(0, kept)
      boot += 1
      const torn = tornTail({ last: lastSeq(), reserved: now().reserved, reservedByMark: 0, endedInOrder: false, forcedEach: false, sameMachineStart: false })
      commit(torn ? { skipped: torn[1], torn: [...now().torn, torn] } : {}, true)
    },
  }
}
