import type { Range } from '@vigil/contract/ranges'

/**
 * `sample`: a telemetry object; `event`: a device event; `gap`: says which numbers had to be given up; `rollup`: what stands for
 * the samples of a minute that had to make room.
 */
export type RecordKind = 'sample' | 'event' | 'gap' | 'rollup'

/** An object before it has a number: its JSON without `e` and `s`, beginning with `{"t":` or `{"up":`. */
export interface NewRecord {
  readonly kind: RecordKind
  readonly body: string
  /** Which start of the board an `up` in it belongs to; this one unless told. */
  readonly boot?: number
}

export interface SpoolRecord extends NewRecord {
  readonly seq: number
  /** Which start of the board it was made in; an `up` means something only within one start. */
  readonly boot: number
}

export interface ReadOptions {
  readonly from: number
  /** Inclusive. */
  readonly to: number
  /** Most records answered. */
  readonly limit: number
  readonly only?: 'event' | 'sample'
}

/** The store was broken or gone at this start, and a new epoch began. */
export interface LostStore {
  /** Name of the epoch that ended, when that could still be read. */
  readonly epoch: string | undefined
  /** Most objects without a receipt that went with it; `undefined` when nothing tells. */
  readonly objects: number | undefined
}

/** What an earlier sequence of this board took with it when its store broke: said under the old epoch, from number `next` on. */
export interface Farewell {
  readonly epoch: string
  readonly next: number
  readonly gaps: readonly Range[]
}

/**
 * Where the spool protocol keeps its objects. Every call is synchronous: on a board there is one writer, and what has been
 * recorded must be on the disk before it is sent.
 *
 * After a crash a store holds exactly what `append` had returned for, and perhaps the last batch that was under way:
 * a prefix of what was produced, never a part of a batch. A power cut may take more, where a store is told to be gentle to its
 * card; numbers it may have given are not given again then, and `torn` names them.
 */
export interface SpoolStore {
  /** Names this unbroken sequence; a new one only when the store was created or lost. */
  readonly epoch: string
  /** Counts the starts of the board in this epoch, from 1. */
  readonly boot: number
  /** Highest number given so far, 0 when none was. */
  lastSeq(): number
  /** Numbers that are still here as records. */
  kept(): Range[]
  /** Gap records that are still here, lowest number first. */
  gaps(): SpoolRecord[]
  /** Numbers covered by receipts, as last saved. */
  covered(): Range[]
  /** Keeps the batch, all or nothing, durable on return. Answers its first number, or `undefined` when there is no room. */
  append(batch: readonly NewRecord[]): number | undefined
  /** Keeps the batch in place of what has the given numbers, all or nothing. Answers as `append` does. */
  exchange(gone: readonly Range[], batch: readonly NewRecord[]): number | undefined
  /** Numbers that a power cut took, or may have taken, with what they held. */
  torn(): readonly Range[]
  /** Ascending by number. */
  read(options: ReadOptions): SpoolRecord[]
  /** Numbers `read` has found spoilt since the last asking; what they held is gone. */
  damaged(): readonly Range[]
  /** Remembers what receipts cover. May be written with the next append: losing it only means sending again. */
  saveCovered(covered: readonly Range[]): void
  /** Removes up to `most` records of the range, lowest first, and answers the numbers removed. */
  drop(range: Range, most: number): Range[]
  /** Never give numbers up to `seq`: the server already knows them. */
  skipTo(seq: number): void
  /** Losses of an earlier epoch that the server has not yet confirmed to know. */
  farewell(): Farewell | undefined
  clearFarewell(): void
  /** Set when this start found the store broken or gone. */
  readonly lostStore?: LostStore | undefined
  /** Why this board keeps in memory what it should keep on its disk. */
  readonly inMemoryBecause?: string | undefined
  /** Objects of earlier epochs that were lost with their store. */
  lostBefore(): number
  close(): void
}
