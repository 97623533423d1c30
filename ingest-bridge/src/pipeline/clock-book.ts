/** Pairs of device and epoch remembered at most; the one known longest is forgotten first and simply learnt again. */
const REMEMBERED = 20_000
/** An uptime that suddenly fits this much worse means a restarted board or a stepped server clock: learn anew. */
const RESTART_MS = 60_000
/** How fast the estimate follows crystal drift (50 ppm) without following a message that was held up on the way. */
const FOLLOW = 1 / 256
/** Times of rising numbers may fall back this far (a sync correcting the board); more is a clock that jumped. */
const STEP_BACK_LIMIT_MS = 10 * 60_000

interface Entry {
  /** Received time minus uptime, smallest seen: the least delayed message tells best when the board started. */
  offsetMs: number | undefined
  highestSeq: number
  highestT: number
}

export interface ClockBook {
  /** Learns from the newest uptime of a live message. */
  observeUptime(pair: string, receivedAt: number, upMs: number): void
  /** What the board's uptime must be at `receivedAt`; `undefined` before the first live message with an uptime. */
  uptimeAt(pair: string, receivedAt: number): number | undefined
  /** Learns a live, believed time. True when time fell back while numbers rose: the device's clock jumped. */
  jumpedBack(pair: string, seq: number, t: number): boolean
}

/** What the bridge knows of each board's clock, by device and epoch. */
export function createClockBook(remembered = REMEMBERED): ClockBook {
  const entries = new Map<string, Entry>()

  const entryOf = (pair: string): Entry => {
    const known = entries.get(pair)
    if (known) return known
    if (entries.size >= remembered) {
      const [oldest] = entries.keys()
      entries.delete(oldest as string)
    }
    const entry: Entry = { offsetMs: undefined, highestSeq: 0, highestT: Number.NEGATIVE_INFINITY }
    entries.set(pair, entry)
    return entry
  }

  return {
    observeUptime(pair, receivedAt, upMs) {
      const entry = entryOf(pair)
      const seen = receivedAt - upMs
      const late = entry.offsetMs === undefined ? 0 : seen - entry.offsetMs
      if (entry.offsetMs === undefined || late < 0 || late > RESTART_MS) entry.offsetMs = seen
      else entry.offsetMs += late * FOLLOW
    },
    uptimeAt(pair, receivedAt) {
      const offset = entries.get(pair)?.offsetMs
      return offset === undefined ? undefined : receivedAt - offset
    },
    jumpedBack(pair, seq, t) {
      const entry = entryOf(pair)
      if (seq > entry.highestSeq && t < entry.highestT - STEP_BACK_LIMIT_MS) return true
      if (seq > entry.highestSeq) entry.highestSeq = seq
      if (t > entry.highestT) entry.highestT = t
      return false
    },
  }
}
