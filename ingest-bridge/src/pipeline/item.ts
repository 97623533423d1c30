import type { DeviceAddress, ErrorCode, JudgedSample, Range } from '@vigil/contract'

/** Where a message came from. One object per message, shared by all that was in it. */
export interface Origin {
  /** Name of the source that took it, e.g. `mqtt`. */
  readonly source: string
  readonly topic: string
  /** `undefined` when the topic is no device's. */
  readonly address: DeviceAddress | undefined
  /** Milliseconds since the Unix epoch, of the bridge's clock. */
  readonly receivedAt: number
  /** The message as it came: what a dead letter keeps. */
  readonly payload: Buffer
}

/** What makes an object itself: sending it again under the same key changes nothing. */
export interface Numbered {
  readonly epoch: string
  readonly seq: number
}

/** Bits of `sample.flags`. */
export const SampleFlag = { backlog: 1, clockNotBelieved: 2, datedByUptime: 4, summary: 8 } as const

export interface SampleItem extends Numbered {
  readonly kind: 'sample'
  readonly from: Origin
  /** Milliseconds since the Unix epoch under which it is kept. */
  readonly t: number
  readonly flags: number
  readonly values: JudgedSample['values']
  readonly quality: Uint8Array | undefined
  /** JSON text of everything without a column of its own. */
  readonly other: string | undefined
}

export interface EventItem extends Numbered {
  readonly kind: 'event'
  readonly from: Origin
  readonly t: number
  readonly ev: string
  readonly phase: 'start' | 'end' | 'once'
  readonly src: string | undefined
  /** JSON text. */
  readonly data: string | undefined
}

/** Numbers the device had to give up. */
export interface GapItem extends Numbered {
  readonly kind: 'gap'
  readonly from: Origin
  readonly lost: Range
}

/** What can never be stored as what it claims to be: kept raw with its reason. */
export interface DeadItem {
  readonly kind: 'dead'
  readonly from: Origin
  /** Known when the object at least told its number: the number is taken, so it does not block the device. */
  readonly key: Numbered | undefined
  readonly code: ErrorCode
  readonly reason: string
  readonly payload: Buffer
}

export type StorableItem = SampleItem | EventItem | GapItem
export type Item = StorableItem | DeadItem

/** The key of an item, `undefined` for a dead letter without one. */
export function keyOf(item: Item): Numbered | undefined {
  return item.kind === 'dead' ? item.key : item
}
