import type { DurableDocument } from '../commands/durable-document.ts'
import type { SpoolStore } from '../spool/spool-store.ts'

/** One start of the board, as far as time is concerned. All milliseconds. */
interface Start {
  readonly boot: number
  /** What the own clock said when the steady clock was at 0: at the start, and last. */
  readonly first: number
  ahead: number
  /** What it was in truth; known once the server was heard. */
  truth?: number
  /** Newest uptime of an object of this start. */
  lastUp: number
}

export interface StartMemory {
  readonly epoch: string
  readonly starts: readonly Readonly<Start>[]
}

/** Remembers when the board was started, so that what it measured before it knew the time can be dated afterwards. */
export interface StartBook {
  /** The own clock was set to something else: what it says when the steady clock is at 0. */
  stepped(ahead: number): void
  /** The server has said what the time was when the steady clock was at 0. */
  proven(truth: number): void
  /** When something of an earlier start was measured; `undefined` while this start does not know the time, or nothing is known of that one. */
  timeAt(boot: number, upMs: number): number | undefined
}

/** More restarts than this between two words of the server lose the dates of the oldest. */
const MOST_STARTS = 200
/** A start's end and the next one's beginning, by two clocks. */
const TOLERANCE_MS = 2_000
/** The steady clock and the server's drift apart; this much is not worth writing down again. */
const SAME_MS = 1_000

export function createStartBook(store: SpoolStore, document: DurableDocument<StartMemory>, ahead: number): StartBook {
  const known = document.load()
  const earlier = known?.epoch === store.epoch ? known.starts.filter(({ boot }) => boot < store.boot) : []
  const own: Start = { boot: store.boot, first: ahead, ahead, lastUp: 0 }
  const starts: Start[] = [...earlier.map((start) => ({ ...start })), own].slice(-MOST_STARTS)
  endOf(starts, store)
  const save = (): void => {
    try {
      document.save({ epoch: store.epoch, starts })
    } catch {
      // A full disk: the dates of this start are then known only while it lasts.
    }
  }
  save()

  return {
    stepped(to) {
      own.ahead = to
      save()
    },
    proven(truth) {
      if (own.truth !== undefined && Math.abs(own.truth - truth) < SAME_MS) return
      own.truth = truth
      dateBackwards(starts)
      save()
    },
    timeAt(boot, upMs) {
      const start = own.truth === undefined ? undefined : starts.find((one) => one.boot === boot)
      return start?.truth === undefined ? undefined : start.truth + upMs
    },
  }
}

/** The newest object of an earlier start says how long that start lasted at least. */
function endOf(starts: readonly Start[], store: SpoolStore): void {
  const last = store.lastSeq()
  const [record] = last > 0 ? store.read({ from: last, to: last, limit: 1 }) : []
  const up = record && /^\{"up":(\d+)/.exec(record.body)
  const start = up && starts.find(({ boot }) => boot === record.boot)
  if (start && start.boot !== store.boot) start.lastUp = Math.max(start.lastUp, Number(up[1]))
}

/**
 * From a start whose time is known back to those before it. A clock that went on while the board was off is wrong by the same amount then and now;
 * one that began anew with each start would have the earlier start end after the later began, and then the board is taken to have been
 * started again at once: the latest it can have been.
 */
function dateBackwards(starts: readonly Start[]): void {
  for (let i = starts.length - 2; i >= 0; i -= 1) {
    const start = starts[i] as Start
    const next = starts[i + 1] as Start
    if (start.truth !== undefined || next.truth === undefined) continue
    const byClock = start.ahead + (next.truth - next.first)
    start.truth = byClock + start.lastUp <= next.truth + TOLERANCE_MS ? byClock : next.truth - start.lastUp
  }
}
