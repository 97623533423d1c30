import { type JudgedTime, judgeTime } from '@vigil/contract'
import type { ClockBook } from './clock-book.ts'

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
  const [only] = objects
  if (objects.length === 1 && only?.t !== undefined) return daterOfOne(book, context, only.e, only.t)
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
      const jumpedMs = byUptime ? 0 : (jumps.get(object.e) ?? 0)
      return datingOf(judgeTime(object, receivedAt, upNow), { byUptime, jumpedMs, receivedAt })
    },
  }
}

/** One object with a time of its own, which nearly every live message is: nothing has to be compared. */
function daterOfOne(book: ClockBook, { device, lane, receivedAt }: { device: string; lane: Lane; receivedAt: number }, epoch: string, t: number): Dater {
  const jumpedMs = lane === 'live' ? book.observeTime(`${device}/${epoch}`, receivedAt, t) : 0
  return { date: (object) => datingOf(judgeTime(object, receivedAt), { byUptime: false, jumpedMs, receivedAt }) }
}

function datingOf(judged: JudgedTime, { byUptime, jumpedMs, receivedAt }: { byUptime: boolean; jumpedMs: number; receivedAt: number }): Dating {
  const { t, claimedT } = judged
  if (claimedT !== undefined) return { t, claimedT, byUptime, suspect: claimedT > receivedAt ? 'ahead' : 'ancient' }
  if (jumpedMs === 0) return { t, claimedT, byUptime, suspect: undefined }
  // The newest of the message under its received time, the others as far before it as the device says they were.
  return { t: Math.min(receivedAt, t + jumpedMs), claimedT: t, byUptime, suspect: 'jumped back' }
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
