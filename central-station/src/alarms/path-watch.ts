import type { Clock } from '@vigil/contract'

/**
 * The canary: a numbered sample that must come back through broker, bridge and live stream. What does not is the monitoring
 * path being down, which nobody would see on a quiet ward.
 */
export interface PathWatch {
  sent(seq: number): void
  /** The broker brought it to the engine itself. */
  heardBroker(seq: number): void
  /** The HTTP part saw it in its live stream. */
  heardLive(seq: number): void
  /** The bridge's receipt covers it. */
  receipted(upto: number): void
  judge(linkUp: boolean): { readonly pathDown: boolean; readonly bridgeBehind: boolean }
}

export const CANARY_EVERY_MS = 5_000
/** How long a canary may be on its way. */
export const CANARY_LIMIT_MS = 3_000
/** After the start everything may still be coming up. */
const GRACE_MS = 20_000
/** Storage may take longer than the screens: behind is not down. */
const BEHIND_MS = 30_000

export interface PathWatchOptions {
  readonly clock: Clock
  /** Whether there is a canary at all: without one only the engine's own link is judged. */
  readonly canary: () => boolean
  /** PostgreSQL away has an alarm of its own; no receipt is expected then. */
  readonly storing: () => boolean
}

export function watchPath({ clock, canary, storing }: PathWatchOptions): PathWatch {
  const startedMs = clock.monotonic()
  const sent = new Map<number, number>()
  const newest = { broker: 0, live: 0, stored: 0 }
  let linkDownSinceMs: number | undefined
  let storedAtMs = startedMs

  const overdue = (seen: number): boolean => {
    for (const [seq, atMs] of sent) if (seq > seen && clock.monotonic() - atMs > CANARY_LIMIT_MS) return true
    return false
  }
  return {
    sent(seq) {
      sent.set(seq, clock.monotonic())
      for (const old of sent.keys()) if (old < seq - 20) sent.delete(old)
    },
    heardBroker: (seq) => void (newest.broker = Math.max(newest.broker, seq)),
    heardLive: (seq) => void (newest.live = Math.max(newest.live, seq)),
    receipted(upto) {
      newest.stored = Math.max(newest.stored, upto)
      storedAtMs = clock.monotonic()
    },
    judge(linkUp) {
      const now = clock.monotonic()
      linkDownSinceMs = linkUp ? undefined : (linkDownSinceMs ?? now)
      if (!storing()) storedAtMs = now
      if (now - startedMs < GRACE_MS) return { pathDown: false, bridgeBehind: false }
      const linkDown = linkDownSinceMs !== undefined && now - linkDownSinceMs > CANARY_LIMIT_MS
      if (!canary()) return { pathDown: linkDown, bridgeBehind: false }
      return { pathDown: linkDown || overdue(newest.broker) || overdue(newest.live), bridgeBehind: now - storedAtMs > BEHIND_MS }
    },
  }
}
