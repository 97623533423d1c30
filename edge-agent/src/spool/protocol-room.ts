import { type Range, rangesOf } from '@vigil/contract/ranges'
import type { Numbers } from './protocol-numbers.ts'
import type { SpoolSettings } from './protocol-settings.ts'
import type { RollUp } from './roll-up.ts'
import type { NewRecord, SpoolStore } from './spool-store.ts'

export interface Room {
  /** Keeps the batch, giving up older objects when there is no room for it. Answers its first number; `undefined`: not even so. */
  append(batch: readonly NewRecord[]): number | undefined
}

export interface RoomOptions {
  readonly store: SpoolStore
  readonly numbers: Numbers
  readonly settings: SpoolSettings
  readonly rollUp: RollUp | undefined
  /** Told of every number that is no longer here. */
  readonly onGone: (gone: readonly Range[]) => void
}

/** Decides what makes room in a full store. */
export function makeRoom({ store, numbers, settings, rollUp, onGone }: RoomOptions): Room {
  // No sample below this is left to be rolled up.
  let samplesFrom = 1

  function gone(ranges: readonly Range[]): boolean {
    if (ranges.length === 0) return false
    numbers.dropped(ranges)
    onGone(ranges)
    return true
  }

  /** What a receipt covers goes first: giving it up loses nothing. */
  function dropProven(): boolean {
    return numbers.proven().some((range) => gone(store.drop(range, settings.dropAtOnce)))
  }

  /** Then the samples of the oldest minute, in exchange for what stands for them; samples too sparse for that go as they are. */
  function dropSamples(): boolean {
    if (!rollUp) return false
    const samples = store.read({ from: samplesFrom, to: store.lastSeq(), limit: settings.rollUpAtMost, only: 'sample' })
    samplesFrom = samples[0]?.seq ?? store.lastSeq() + 1
    if (samples.length === 0) return false
    const rolled = rollUp(samples)
    const ranges = rangesOf((rolled?.of ?? samples.slice(0, settings.dropAtOnce)).map(({ seq }) => seq))
    const first = store.exchange(ranges, rolled ? [rolled.standIn] : [])
    if (first === undefined) return false
    if (rolled) numbers.appended(first, 1)
    return gone(ranges)
  }

  /** At last the oldest of whatever there is. */
  function dropOldest(): boolean {
    return gone(store.drop([1, store.lastSeq()], settings.dropAtOnce))
  }

  return {
    append(batch) {
      for (;;) {
        const first = store.append(batch)
        if (first !== undefined) {
          numbers.appended(first, batch.length)
          return first
        }
        if (!dropProven() && !dropSamples() && !dropOldest()) return undefined
      }
    },
  }
}
