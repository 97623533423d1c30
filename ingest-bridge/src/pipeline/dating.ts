import { type JudgedTime, judgeTime } from '@vigil/contract'
import { type ClockBook } from './clock-book.ts'

export type Lane = 'live' | 'backlog'

interface Dated {
  readonly e: string
  readonly t?: number
  readonly up?: number
}

export interface Dating extends JudgedTime {
  readonly byUptime: boolean
  /** Why the device's time was not believed. */
  readonly suspect: 'ahead' | 'ancient' | 'jumped back' | undefined
}

/** Dates the objects of one message of one device. */
export interface Dater {
  date(object: Dated): Dating
}

/**
 * A dater for one message. A board without a clock sends its uptime: the live lane tells when the board started, and the
 * backlog is dated by that; before the first live message the newest uptime of the message itself stands for now.
 */
export function createDater(book: ClockBook, context: { device: string; lane: Lane; receivedAt: number; objects: readonly Dated[] }): Dater {
  const { device, lane, receivedAt, objects } = context
  const uptimes = newestOf(objects, ({ t, up }) => (t === undefined ? up : undefined))
  const jumps = new Map<string, number>()
  if (lane === 'live') {
    for (const [epoch, up] of uptimes) book.observeUptime(`${device}/${epoch}`, receivedAt, up)
    for (const [epoch, t] of newestOf(objects, ({ t }) => t)) jumps.set(epoch, book.observeTime(`${device}/${epoch}`, receivedAt, t))
  }

  return {
    date(object) {
      const byUptime = object.t === undefined
      const upNow = byUptime ? (book.uptimeAt(`${device}/${object.e}`, receivedAt) ?? uptimes.get(object.e)) : undefined
      const judged = judgeTime(object, receivedAt, upNow)
      if (judged.claimedT !== undefined) return { ...judged, byUptime, suspect: judged.claimedT > receivedAt ? 'ahead' : 'ancient' }
      const jumpedMs = byUptime ? 0 : (jumps.get(object.e) ?? 0)
      if (jumpedMs === 0) return { ...judged, byUptime, suspect: undefined }
      // The newest of the message under its received time, the others as far before it as the device says they were.
      return { t: Math.min(receivedAt, judged.t + jumpedMs), claimedT: judged.t, byUptime, suspect: 'jumped back' }
    },
  }
}

/** The greatest value of each epoch. */
function newestOf(objects: readonly Dated[], valueOf: (object: Dated) => number | undefined): Map<string, number> {
  const newest = new Map<string, number>()
  for (const object of objects) {
    const value = valueOf(object)
    if (value !== undefined && value > (newest.get(object.e) ?? Number.NEGATIVE_INFINITY)) newest.set(object.e, value)
  }
  return newest
}
