import type { Clock } from '@vigil/contract/clock'
import type { ObjectTime } from '../spool/protocol-ports.ts'
import type { StartBook } from './start-book.ts'

/** Where the dates come from: the board's own clock, the server's beacon, or nowhere yet. */
export type TimeSource = 'clock' | 'server' | 'none'

export interface AgentTime {
  /** Wall-clock ms as well as the board knows it; `undefined` while it does not. */
  now(): number | undefined
  /** The date of a moment of `clock.monotonic()`. */
  dateOf(monotonicMs: number): ObjectTime
  /** Wall-clock time of an uptime of this start. */
  wallTimeAt(upMs: number): number | undefined
  /** Server time, for judging what the server sent. */
  serverNow(): number | undefined
  hearServer(t: number): void
  /** Told by a person through the server: believed at once. */
  beTold(t: number): void
  source(): TimeSource
  /** The date to keep something under: by uptime, with what the own clock claims, until the server has confirmed the time in this start. */
  stampOf(monotonicMs: number): ObjectTime
  /** The server was heard in this start and the time in use agrees with it. */
  isProven(): boolean
  /** As `wallTimeAt`; `undefined` until the time is proven. */
  provenTimeAt(upMs: number): number | undefined
}

/** No board starts before this software was written: an earlier clock was never set. */
const EARLIEST_MS = Date.UTC(2025, 0, 1)
/** A clock this far from the server's is not used; it is used again when it agrees within the smaller limit. */
const DISAGREES_MS = 1_000
const AGREES_MS = 250
/** One beacon can be late on its way; two that say the same are believed over the board's own clock. */
const BEACONS_TO_OVERRULE = 2
const BEACONS_KEPT = 6

const plus = (a: number | undefined, b: number): number | undefined => (a === undefined ? undefined : a + b)

/** Server time less monotonic time, by each beacon. A beacon can only be late, so the largest is the best. */
function createBeacons(): { best(): number | undefined; hear(behind: number): void } {
  const kept: number[] = []
  const best = (): number | undefined => (kept.length > 0 ? Math.max(...kept) : undefined)
  return {
    best,
    hear(behind) {
      // A server clock that was set back, or a board that slept: earlier beacons no longer count.
      if (Math.abs(behind - (best() ?? behind)) > 10 * DISAGREES_MS) kept.length = 0
      kept.push(behind)
      if (kept.length > BEACONS_KEPT) kept.shift()
    },
  }
}

/**
 * Dates what the board measures. A Pi has no clock of its own until NTP has answered, and an ESP may have none at all; both
 * hear the server's beacon. Everything inside the board is timed by the monotonic clock, so a step of the wall clock tears nothing.
 */
export function createAgentTime(clock: Clock, book?: Pick<StartBook, 'stepped' | 'proven'>): AgentTime {
  const beacons = createBeacons()
  let disagreeing = 0
  let overruled = false
  let wallAheadMs = clock.now() - clock.monotonic()

  const server = (): number | undefined => plus(beacons.best(), clock.monotonic())
  const isSet = (): boolean => clock.now() >= EARLIEST_MS

  /** A step of the wall clock away from what the server has said in this run is not followed: the steady clock knows better. */
  function noticeStep(): void {
    const nowAheadMs = clock.now() - clock.monotonic()
    const stepped = Math.abs(nowAheadMs - wallAheadMs) > DISAGREES_MS
    wallAheadMs = nowAheadMs
    const serverMs = server()
    if (stepped && serverMs !== undefined) overruled = Math.abs(clock.now() - serverMs) > DISAGREES_MS
    if (stepped) book?.stepped(nowAheadMs)
  }

  function source(): TimeSource {
    noticeStep()
    if (isSet() && !overruled) return 'clock'
    return beacons.best() === undefined ? 'none' : 'server'
  }
  function now(): number | undefined {
    return source() === 'clock' ? clock.now() : server()
  }
  const dateAt = (monotonicMs: number): number | undefined => {
    const t = plus(now(), monotonicMs - clock.monotonic())
    return t === undefined ? undefined : Math.round(t)
  }

  function hearServer(t: number, believeAfter: number): void {
    // A step before the first word of the server is for its words to judge, not for the steady clock.
    noticeStep()
    beacons.hear(t - clock.monotonic())
    const difference = Math.abs(clock.now() - t)
    disagreeing = difference > DISAGREES_MS ? disagreeing + 1 : 0
    if (disagreeing >= believeAfter) overruled = true
    else if (difference < AGREES_MS) overruled = false
    if (isProven()) book?.proven((now() ?? t) - clock.monotonic())
  }
  /** One word that disagrees may be late on its way: nothing is proven until the next. */
  function isProven(): boolean {
    const from = source()
    return beacons.best() !== undefined && (from === 'server' || disagreeing === 0)
  }
  const dateOf = (monotonicMs: number): { t: number } | { up: number } => {
    const t = dateAt(monotonicMs)
    return t === undefined ? { up: Math.max(0, Math.round(monotonicMs)) } : { t }
  }

  return {
    now,
    source,
    dateOf,
    stampOf(monotonicMs) {
      const date = dateOf(monotonicMs)
      return 't' in date && !isProven() ? { up: Math.max(0, Math.round(monotonicMs)), own: Math.max(0, date.t) } : date
    },
    isProven,
    provenTimeAt: (upMs) => (isProven() ? dateAt(upMs) : undefined),
    wallTimeAt: dateAt,
    serverNow: () => server() ?? (isSet() ? clock.now() : undefined),
    hearServer: (t) => hearServer(t, BEACONS_TO_OVERRULE),
    beTold: (t) => hearServer(t, 1),
  }
}
