import type { Clock } from '@vigil/contract/clock'
import type { Receipt } from '@vigil/contract/messages/receipt'
import type { SpoolSettings } from './protocol-settings.ts'
import type { RollUp } from './roll-up.ts'
import type { SpoolStore } from './spool-store.ts'

/** Up-going channels that carry numbered objects. */
export type SpoolLane = 'tele' | 'backlog' | 'event'

export interface SpoolTransport {
  /**
   * Hands one payload to the broker. `settled` is called once: at the PUBACK, or when the connection ends. It frees a place
   * for the next message and proves nothing; only a receipt proves that an object is stored.
   */
  publish(lane: SpoolLane, payload: string, settled: () => void): void
}

/**
 * When an object was made: wall-clock ms since the Unix epoch, or ms since the board started while it has no clock. `own` is what a clock says that nobody
 * has confirmed: kept in the spool beside `up`, and sent only while nothing better is known.
 */
export type ObjectTime = { readonly t: number } | { readonly up: number; readonly own?: number }

/** What the board wants recorded: the object without `e`, `s` and its time. */
export interface Recordable {
  readonly kind: 'sample' | 'event'
  readonly time: ObjectTime
  readonly fields: Readonly<Record<string, unknown>>
}

export interface SpoolStatus {
  readonly epoch: string
  readonly lastSeq: number
  /** Everything up to here is proven stored. */
  readonly upto: number
  /** Objects without a receipt, and those of them on the way right now. */
  readonly unsent: number
  readonly onTheWay: number
  /** Objects given up for want of room, torn off by a power cut, or gone with a broken store, before a receipt covered them; each is told to the server as a gap. */
  readonly dropped: number
  /** Objects that could not be recorded at all because the disk refused; they never had a number. */
  readonly unrecorded: number
  /** Receipts ignored because they name another epoch. */
  readonly foreignReceipts: number
}

export interface Spool {
  /** Records the objects durably, then sends them as live when there is a connection. Answers the first number given. */
  record(objects: readonly Recordable[]): number | undefined
  /** The connection stands and `online` has been published. */
  online(): void
  offline(): void
  receipt(receipt: Receipt): void
  status(): SpoolStatus
  /** Stops every timer and lets go of the store. */
  close(): void
}

export interface SpoolOptions {
  readonly store: SpoolStore
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly transport: SpoolTransport
  /** What stands for samples that have to make room; without it, nothing does. */
  readonly rollUp?: RollUp
  /** Date of a gap record. */
  readonly time: () => ObjectTime
  /** Wall-clock time of an uptime of this start; `undefined` while the board does not know the time. */
  readonly wallTimeAt: (upMs: number) => number | undefined
  /** The same of an earlier start of the board. */
  readonly earlierTimeAt?: (boot: number, upMs: number) => number | undefined
  readonly settings?: Partial<SpoolSettings>
}
