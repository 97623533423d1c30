import type { Numbers } from './protocol-numbers.ts'
import type { SendWindow } from './protocol-window.ts'
import type { SpoolRecord, SpoolStore } from './spool-store.ts'

/** Finds what waits unsent, oldest first, without reading the store from its beginning each time. */
export interface WaitingScan {
  /** Numbers from here on may wait again: they were pushed back, a rewind came, or the connection went. */
  again(from: number): void
  /** These went out as they were recorded: they need not be read back to find that none of them waits. */
  sentAtOnce(first: number, last: number): void
  /** How many numbers have not been looked at: no more than so many objects can be waiting. */
  unseen(): number
  nextEvent(): SpoolRecord | undefined
  /** Samples and gaps that are neither proven stored nor on the way. */
  next(limit: number): SpoolRecord[]
}

export function waitingScan(store: SpoolStore, numbers: Numbers, window: SendWindow): WaitingScan {
  // No number below these waits unsent.
  let from = 1
  let eventsFrom = 1

  const isUnsent = (seq: number): boolean => !window.has(seq) && numbers.waiting(seq, seq).length > 0

  /** Takes from one unbroken range of waiting numbers until `found` is full; moves `from` past what was looked at. */
  function takeFrom(first: number, last: number, limit: number, found: SpoolRecord[]): void {
    from = first
    while (from <= last && found.length < limit) {
      const records = store.read({ from, to: last, limit })
      if (records.length === 0) from = last + 1
      for (const record of records) {
        if (found.length >= limit) return
        from = record.seq + 1
        if (record.kind !== 'event' && !window.has(record.seq)) found.push(record)
      }
    }
  }

  return {
    again(seq) {
      from = Math.min(from, seq)
      eventsFrom = Math.min(eventsFrom, seq)
    },
    sentAtOnce(first, last) {
      if (from === first) from = last + 1
      if (eventsFrom === first) eventsFrom = last + 1
    },
    unseen: () => store.lastSeq() - from + 1,
    nextEvent() {
      while (eventsFrom <= store.lastSeq()) {
        const [event] = store.read({ from: eventsFrom, to: store.lastSeq(), limit: 1, only: 'event' })
        eventsFrom = event ? event.seq + 1 : store.lastSeq() + 1
        if (event && isUnsent(event.seq)) return event
      }
      return undefined
    },
    next(limit) {
      const found: SpoolRecord[] = []
      for (const [first, last] of numbers.waiting(from, store.lastSeq())) {
        takeFrom(first, last, limit, found)
        if (found.length >= limit) return found
      }
      from = store.lastSeq() + 1
      return found
    },
  }
}
