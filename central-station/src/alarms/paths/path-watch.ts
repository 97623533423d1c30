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
  judge(linkUp: boolean): PathJudgement
}

export interface PathJudgement {
  readonly pathDown: boolean
  readonly bridgeBehind: boolean
  /** At one look alone: the path is whole for the first time since the start. */
  readonly firstUp: boolean
}

export const CANARY_EVERY_MS = 5_000
/** How long a canary may be on its way. */
export const CANARY_LIMIT_MS = 3_000
/** While our own programs start, on a busy machine, everything takes longer. */
const STARTING_MS = 120_000
const STARTING_LIMIT_MS = 10_000
/** What has never been up since the start is down, and no longer on its way up, after so long. */
export const FIRST_LIMIT_MS = 60_000
/** Looks come once a second. What this program itself slept through says nothing of the path. */
const LOOK_MS = 1_000
/** Storage may take longer than the screens: behind is not down. */
export const BEHIND_MS = 30_000

export interface PathWatchOptions {
  readonly clock: Clock
  /** Whether there is a canary at all: without one only the engine's own link is judged. */
  readonly canary: () => boolean
  /** PostgreSQL away has an alarm of its own; no receipt is expected then. */
  readonly storing: () => boolean
  /** The path is known to be whole: this engine heard the canary of the one before it, and nothing is starting. */
  readonly wasUp?: boolean
}

export function watchPath({ clock, canary, storing, wasUp = false }: PathWatchOptions): PathWatch {
  const startedMs = clock.monotonic()
  const sent = new Map<number, number>()
  const newest = { broker: 0, live: 0, stored: 0 }
  let up = wasUp
  let lookedMs = startedMs
  let linkDownSinceMs: number | undefined
  let storedAtMs = startedMs

  const limitMs = (): number => (!wasUp && clock.monotonic() - startedMs < STARTING_MS ? STARTING_LIMIT_MS : CANARY_LIMIT_MS)
  const overdue = (seen: number): boolean => {
    for (const [seq, atMs] of sent) if (seq > seen && clock.monotonic() - atMs > limitMs()) return true
    return false
  }
  /** Messages wait in the sockets of a program that got no time: they are read after this look. */
  const forgive = (now: number): void => {
    const sleptMs = now - lookedMs - 2 * LOOK_MS
    lookedMs = now
    if (sleptMs <= 0) return
    for (const [seq, atMs] of sent) sent.set(seq, atMs + sleptMs)
    if (linkDownSinceMs !== undefined) linkDownSinceMs += sleptMs
  }
  const isDown = (now: number): boolean => {
    const linkDown = linkDownSinceMs !== undefined && now - linkDownSinceMs > limitMs()
    return linkDown || (canary() && (overdue(newest.broker) || overdue(newest.live)))
  }
  /** Without a canary the link alone has to do, once there was time for one to be let in. */
  const isWhole = (linkUp: boolean, now: number): boolean => linkUp && (canary() ? newest.broker > 0 && newest.live > 0 : now - startedMs > FIRST_LIMIT_MS)

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
      forgive(now)
      linkDownSinceMs = linkUp ? undefined : (linkDownSinceMs ?? now)
      if (!storing()) storedAtMs = now
      const firstUp = !up && isWhole(linkUp, now)
      up ||= firstUp
      const pathDown = up ? isDown(now) : now - startedMs > FIRST_LIMIT_MS
      return { pathDown, bridgeBehind: canary() && now - startedMs > FIRST_LIMIT_MS && now - storedAtMs > BEHIND_MS, firstUp }
    },
  }
}
