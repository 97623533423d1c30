/** Pairs of device and epoch remembered at most; the one known longest is forgotten first and simply learnt again. */
const REMEMBERED = 20_000
/** An uptime that suddenly fits this much worse means a restarted board or a stepped server clock: learn anew. */
const RESTART_MS = 60_000
/** How fast the estimate follows crystal drift (50 ppm) without following a message that was held up on the way. */
const FOLLOW = 1 / 256

/** A live reading this fresh shows that the device's clock agrees with ours. */
const AGREES_MS = 60_000
/** Behind by more than this, a clock that agreed before has jumped, or its messages were held up. */
const BEHIND_MS = 10 * 60_000
/** A jump is believed once several live messages over this long were behind by the same: what is held up catches up instead. */
const JUMP_MESSAGES = 3
const JUMP_LASTS_MS = 5_000
const JUMP_WOBBLE_MS = 1_000
const JUMP_DRIFT = 0.1

interface Entry {
  /** Received time minus uptime, smallest seen: the least delayed message tells best when the board started. */
  startedAt: number | undefined
  /** The device's clock has agreed with ours. */
  agreed: boolean
  /** Since when the live lane is behind by the same, by how much then, and how often that was seen. */
  behind: { since: number; byMs: number; times: number } | undefined
}

export interface ClockBook {
  /** Learns from the newest uptime of a live message. */
  observeUptime(pair: string, receivedAt: number, upMs: number): void
  /** What the board's uptime must be at `receivedAt`; `undefined` before the first live message with an uptime. */
  uptimeAt(pair: string, receivedAt: number): number | undefined
  /** Learns from the newest time of a live message. Answers by how much the device's clock has jumped back, 0 when it has not. */
  observeTime(pair: string, receivedAt: number, t: number): number
}

/** What the bridge knows of each board's clock, by device and epoch. */
export function createClockBook(remembered = REMEMBERED): ClockBook {
  const entries = new Map<string, Entry>()

  const entryOf = (pair: string): Entry => {
    const known = entries.get(pair)
    if (known) return known
    if (entries.size >= remembered) entries.delete(entries.keys().next().value as string)
    const entry: Entry = { startedAt: undefined, agreed: false, behind: undefined }
    entries.set(pair, entry)
    return entry
  }

  return {
    observeUptime(pair, receivedAt, upMs) {
      const entry = entryOf(pair)
      const seen = receivedAt - upMs
      const late = entry.startedAt === undefined ? 0 : seen - entry.startedAt
      if (entry.startedAt === undefined || late < 0 || late > RESTART_MS) entry.startedAt = seen
      else entry.startedAt += late * FOLLOW
    },
    uptimeAt(pair, receivedAt) {
      const startedAt = entries.get(pair)?.startedAt
      return startedAt === undefined ? undefined : receivedAt - startedAt
    },
    observeTime: (pair, receivedAt, t) => observeTime(entryOf(pair), receivedAt, receivedAt - t),
  }
}

function observeTime(entry: Entry, receivedAt: number, behindMs: number): number {
  if (behindMs < AGREES_MS) {
    entry.agreed = true
    entry.behind = undefined
  }
  if (!entry.agreed || behindMs <= BEHIND_MS) return 0
  const lastsMs = receivedAt - (entry.behind?.since ?? receivedAt)
  const same = entry.behind !== undefined && Math.abs(behindMs - entry.behind.byMs) <= JUMP_WOBBLE_MS + JUMP_DRIFT * lastsMs
  if (!entry.behind || !same) {
    entry.behind = { since: receivedAt, byMs: behindMs, times: 1 }
    return 0
  }
  entry.behind.times++
  return entry.behind.times >= JUMP_MESSAGES && lastsMs >= JUMP_LASTS_MS ? behindMs : 0
}
