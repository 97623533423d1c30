import type { SpoolStore } from '@vigil/edge-agent'
import type { Journal } from './journal.ts'

/** The same spool, telling the journal of every object once it is recorded. */
export function journaledStore(store: SpoolStore, device: string, journal: Journal): SpoolStore {
  return {
    epoch: store.epoch,
    boot: store.boot,
    lostStore: store.lostStore,
    lastSeq: () => store.lastSeq(),
    kept: () => store.kept(),
    gaps: () => store.gaps(),
    covered: () => store.covered(),
    append(batch) {
      const first = store.append(batch)
      if (first !== undefined) journal.produced(device, store.epoch, first, batch.length)
      return first
    },
    exchange(gone, batch) {
      const first = store.exchange(gone, batch)
      if (first !== undefined && batch.length > 0) journal.produced(device, store.epoch, first, batch.length)
      return first
    },
    torn: () => store.torn(),
    damaged: () => store.damaged(),
    read: (options) => store.read(options),
    saveCovered: (covered) => store.saveCovered(covered),
    drop: (range, most) => store.drop(range, most),
    skipTo: (seq) => store.skipTo(seq),
    farewell: () => store.farewell(),
    clearFarewell: () => store.clearFarewell(),
    lostBefore: () => store.lostBefore(),
    close: () => store.close(),
  }
}
