import { type Range, rangesOf } from '@vigil/contract/ranges'
import type { NewRecord, ReadOptions, SpoolRecord, SpoolStore } from './spool-store.ts'

export interface MemorySpoolOptions {
  /** Names the sequence; a board without storage takes a new one at each start. */
  readonly epoch: string
  /** Most records kept. */
  readonly capacity: number
}

/** A spool for boards without storage: it lasts as long as the board is on. Also the model the tests compare with. */
export function memorySpoolStore({ epoch, capacity }: MemorySpoolOptions): SpoolStore {
  const records = new Map<number, SpoolRecord>()
  let last = 0
  let saved: readonly Range[] = []

  function append(batch: readonly NewRecord[]): number | undefined {
    if (records.size + batch.length > capacity) return undefined
    const first = last + 1
    for (const record of batch) records.set(++last, { boot: 1, ...record, seq: last })
    return first
  }

  function exchange(gone: readonly Range[], batch: readonly NewRecord[]): number | undefined {
    const given = gone.flatMap(([from, to]) => read({ from, to, limit: capacity }))
    if (records.size - given.length + batch.length > capacity) return undefined
    for (const { seq } of given) records.delete(seq)
    return append(batch)
  }

  function read({ from, to, limit, only }: ReadOptions): SpoolRecord[] {
    const found: SpoolRecord[] = []
    for (let seq = Math.max(from, 1); seq <= Math.min(to, last) && found.length < limit; seq++) {
      const record = records.get(seq)
      if (record && (only === undefined || record.kind === only)) found.push(record)
    }
    return found
  }

  return {
    epoch,
    boot: 1,
    lastSeq: () => last,
    kept: () => rangesOf(records.keys()),
    gaps: () => [...records.values()].filter((record) => record.kind === 'gap'),
    covered: () => [...saved],
    append,
    exchange,
    torn: () => [],
    damaged: () => [],
    read,
    saveCovered: (covered) => {
      saved = covered
    },
    drop([from, to], most) {
      const seqs = read({ from, to, limit: most }).map((record) => record.seq)
      for (const seq of seqs) records.delete(seq)
      return rangesOf(seqs)
    },
    skipTo: (seq) => {
      last = Math.max(last, seq)
    },
    farewell: () => undefined,
    clearFarewell: () => {},
    lostBefore: () => 0,
    close: () => {},
  }
}
