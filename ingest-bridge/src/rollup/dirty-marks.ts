import type { Clock } from '@vigil/contract'

export const MINUTE_MS = 60_000

/**
 * How long a mark that is known to stand in the database is relied on. Must stay well below `ORPHANED_AFTER_MS`: another bridge may take
 * a mark over that is older than that.
 */
const RELIED_ON_MS = 2 * MINUTE_MS
/** A mark this old is of a bridge that has stopped: anyone takes it. */
export const ORPHANED_AFTER_MS = 5 * MINUTE_MS
const REMEMBERED = 200_000

/** A minute of one device whose roll-up no longer agrees with its samples. */
export interface Bucket {
  /** Start of the minute, milliseconds since the Unix epoch. */
  readonly at: number
  readonly deviceNo: number
}

/** A bucket as one text, for sets. */
export function bucketKey({ at, deviceNo }: Bucket): string {
  return `${at}/${deviceNo}`
}

export function minuteOf(t: number): number {
  return Math.floor(t / MINUTE_MS) * MINUTE_MS
}

/** What one transaction knew of the marks when it began. */
export interface MarkTicket {
  /** Those of the buckets that need a mark of their own in this transaction, in the order every bridge writes them. */
  readonly toMark: readonly Bucket[]
  /** The transaction relies on marks it did not write: it must not commit when it has become this old. */
  readonly relies: boolean
  /** Says that the transaction committed. */
  committed(): void
}

export interface DirtyMarks {
  begin(buckets: Iterable<Bucket>): MarkTicket
  /** The worker is about to take marks away: nothing is relied on, and nothing learnt, until `end`. */
  beginRound(): { end(): void }
  readonly size: number
}

/**
 * Remembers which marks surely stand in the database, so that live data writes one a minute and not one a second. The worker
 * deletes marks, so the memory is emptied before it does, and whatever began before or during such a round is not learnt from:
 * its mark may just have been taken away. Missing knowledge costs one more upsert, wrong knowledge a roll-up that stays wrong.
 */
export function createDirtyMarks(clock: Clock): DirtyMarks {
  const markedAt = new Map<string, number>()
  let rounds = 0
  let inRound = 0

  return {
    begin(buckets) {
      const wanted = new Map<string, Bucket>()
      for (const bucket of buckets) wanted.set(bucketKey(bucket), bucket)
      const beganAt = clock.monotonic()
      const round = rounds
      const learns = inRound === 0
      const unknown = [...wanted].filter(([key]) => !((markedAt.get(key) ?? Number.NEGATIVE_INFINITY) > beganAt - RELIED_ON_MS))
      return {
        toMark: unknown.map(([, bucket]) => bucket).sort((a, b) => a.at - b.at || a.deviceNo - b.deviceNo),
        relies: unknown.length < wanted.size,
        committed() {
          if (!learns || round !== rounds) return
          if (markedAt.size + unknown.length > REMEMBERED) markedAt.clear()
          for (const [key] of unknown) markedAt.set(key, beganAt)
        },
      }
    },
    beginRound() {
      rounds++
      inRound++
      markedAt.clear()
      return {
        end() {
          inRound--
        },
      }
    },
    get size() {
      return markedAt.size
    },
  }
}
