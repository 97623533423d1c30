import { type Range, rangesContain } from '@vigil/contract/ranges'
import type { SpoolSettings } from './protocol-settings.ts'

interface OnTheWay {
  sends: number
  dueAt: number
}

/** The objects that were sent and that no receipt covers yet, with the time each goes again. */
export interface SendWindow {
  size(): number
  has(seq: number): boolean
  /** Notes a sending. Answers the number that had to leave because the window was full: it waits as backlog again. */
  sent(seq: number, nowMs: number): number | undefined
  /** Forgets what receipts cover. */
  settle(covered: readonly Range[]): void
  /** Numbers whose wait for a receipt is over, ascending. */
  due(nowMs: number): number[]
  nextDueAt(): number | undefined
  clear(): void
}

/** How much of the wait is random, so that a ward does not send again in step. */
const JITTER = 0.2

export function sendWindow(settings: SpoolSettings, random: () => number): SendWindow {
  // In the order of first sending: the first one is the one a live object may push back.
  const onTheWay = new Map<number, OnTheWay>()

  function sent(seq: number, nowMs: number): number | undefined {
    const known = onTheWay.get(seq)
    const pushedBack = known || onTheWay.size < settings.window ? undefined : onTheWay.keys().next().value
    if (pushedBack !== undefined) onTheWay.delete(pushedBack)
    const sends = (known?.sends ?? 0) + 1
    const waitMs = Math.min(settings.resendAfterMs * 2 ** (sends - 1), settings.resendAtMostMs)
    onTheWay.set(seq, { sends, dueAt: nowMs + waitMs * (1 + JITTER * random()) })
    return pushedBack
  }

  return {
    size: () => onTheWay.size,
    has: (seq) => onTheWay.has(seq),
    sent,
    settle(covered) {
      for (const seq of onTheWay.keys()) if (rangesContain(covered, seq)) onTheWay.delete(seq)
    },
    due: (nowMs) => [...onTheWay].filter(([, entry]) => entry.dueAt <= nowMs).map(([seq]) => seq).sort((a, b) => a - b),
    nextDueAt() {
      let next: number | undefined
      for (const { dueAt } of onTheWay.values()) if (next === undefined || dueAt < next) next = dueAt
      return next
    },
    clear: () => onTheWay.clear(),
  }
}
