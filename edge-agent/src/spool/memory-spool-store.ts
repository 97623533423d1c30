import { type Range, rangesOf } from '@vigil/contract/ranges'
import { type NewRecord, type ReadOptions, type SpoolRecord, type SpoolStore } from './spool-store.ts'

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
    for (const record of batch) records.set(++last, { ...record, seq: last, boot: 1 })
    return first
  }

  function read({ from, to, limit, eventsOnly = false }: ReadOptions): SpoolRecord[] {
    const found: SpoolRecord[] = []
    for (let seq = Math.max(from, 1); seq <= Math.min(to, last) && found.length < limit; seq++) {
      const record = records.get(seq)
      if (record && (!eventsOnly || record.kind === 'event')) found.push(record)
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
    close: () => {},
  }
}
