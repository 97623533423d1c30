import type { Range } from '@vigil/contract/ranges'

/**
 * Numbers reserved at a time. A reservation is forced to the disk before the first of its numbers is given, so a power cut that
 * takes the newest objects can take no more than these, and none of them is ever given twice. At one object a second it costs
 * two forced writes a minute.
 */
export const RESERVED_AHEAD = 32

/** Up to which number to reserve before `last` may be given; `undefined` while the standing reservation will do. */
export function reserveFor(last: number, reserved: number): number | undefined {
  return last > reserved ? last + RESERVED_AHEAD : undefined
}

export interface LastRun {
  /** Highest number that is still here. */
  readonly last: number
  /** Up to where numbers were reserved, 0 when none were; after an orderly end the last number that was given. */
  readonly reserved: number
  /** The same as the mark beside the file remembers it, which is written later. */
  readonly reservedByMark: number
  /** The run ended in order: everything it recorded was forced to the disk, and `reserved` is exact. */
  readonly endedInOrder: boolean
  /** Each object was forced to the disk before `append` returned. */
  readonly forcedEach: boolean
  /** The machine has not been off since: what was written is in its memory at least, whatever became of the program. */
  readonly sameMachineStart: boolean
}

/** Numbers that may have been given and lost with what they held, and so are never given again. */
export function tornTail({ last, reserved, reservedByMark, endedInOrder, forcedEach, sameMachineStart }: LastRun): Range | undefined {
  // The file has forgotten a reservation that was forced to the disk: a card that does not do what it says, or an older copy of the file.
  if (reservedByMark > reserved && reservedByMark > last) return [last + 1, reservedByMark]
  const lostNothing = !endedInOrder && (forcedEach || sameMachineStart)
  return lostNothing || reserved <= last ? undefined : [last + 1, reserved]
}
