import { type Clock } from '@vigil/contract'

/** A wall shows the same ward all day: each session's look at a ward is written once an hour, not with every frame. */
export const WARD_READ_EVERY_MS = 60 * 60_000
/** Bound on what is remembered; beyond it the oldest look is forgotten and so written again. */
const REMEMBERED = 10_000

export interface WardReads {
  /** True when this look has to be written; remembers it as written. */
  isDue(session: string, wardId: string): boolean
}

export function createWardReads(clock: Clock): WardReads {
  const writtenAt = new Map<string, number>()
  return {
    isDue(session, wardId) {
      const key = `${session} ${wardId}`
      const last = writtenAt.get(key)
      if (last !== undefined && clock.monotonic() - last < WARD_READ_EVERY_MS) return false
      writtenAt.delete(key)
      writtenAt.set(key, clock.monotonic())
      const [oldest] = writtenAt.keys()
      if (writtenAt.size > REMEMBERED && oldest !== undefined) writtenAt.delete(oldest)
      return true
    },
  }
}
