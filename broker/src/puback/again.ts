/** Something that is said again until a receipt covers it. */
export interface Due {
  /** When it is said again, monotonic milliseconds, and how long it waits after that. */
  dueAt: number
  againAfterMs: number
}

/** The protocol's times for what no receipt covers: again after 15 s, then doubling to 5 minutes. */
const AGAIN_AFTER_MS = 15_000
const AGAIN_LONGEST_MS = 300_000
/** A bridge that comes back hears what waits at 2,000 messages a second, not all at once. */
export const LOOK_EVERY_MS = 250
const AGAIN_AT_ONCE = 500

export function dueNow(now: number): Due {
  return { dueAt: now, againAfterMs: AGAIN_AFTER_MS / 2 }
}

export function dueLater(now: number): Due {
  return { dueAt: now + AGAIN_AFTER_MS, againAfterMs: AGAIN_AFTER_MS }
}

/** Those whose time has come, at most a few hundred; each waits longer from then on. */
export function takeDue<T extends Due>(entries: Iterable<T>, now: number): T[] {
  const due: T[] = []
  for (const entry of entries) {
    if (entry.dueAt > now) continue
    entry.againAfterMs = Math.min(AGAIN_LONGEST_MS, entry.againAfterMs * 2)
    entry.dueAt = now + entry.againAfterMs
    if (due.push(entry) === AGAIN_AT_ONCE) break
  }
  return due
}
