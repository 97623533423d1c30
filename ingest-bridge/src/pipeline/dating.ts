import { type JudgedTime, judgeTime } from '@vigil/contract'
import { type ClockBook } from './clock-book.ts'

export type Lane = 'live' | 'backlog'

interface Dated {
  readonly e: string
  readonly s: number
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
  const { device, lane, receivedAt } = context
  const newest = newestUptimes(context.objects)
  if (lane === 'live') for (const [epoch, up] of newest) book.observeUptime(`${device}/${epoch}`, receivedAt, up)

  return {
    date(object) {
      const pair = `${device}/${object.e}`
      const byUptime = object.t === undefined
      const upNow = byUptime ? (book.uptimeAt(pair, receivedAt) ?? newest.get(object.e)) : undefined
      const judged = judgeTime(object, receivedAt, upNow)
      if (judged.claimedT !== undefined) return { ...judged, byUptime, suspect: judged.claimedT > receivedAt ? 'ahead' : 'ancient' }
      if (lane === 'live' && !byUptime && book.jumpedBack(pair, object.s, judged.t)) {
        return { t: receivedAt, claimedT: judged.t, byUptime, suspect: 'jumped back' }
      }
      return { ...judged, byUptime, suspect: undefined }
    },
  }
}

function newestUptimes(objects: readonly Dated[]): Map<string, number> {
  const newest = new Map<string, number>()
  for (const { e, t, up } of objects) {
    if (t === undefined && up !== undefined && up > (newest.get(e) ?? -1)) newest.set(e, up)
  }
  return newest
}
