import type { Clock } from '@vigil/contract'

/** A look that goes on is written again after so long. */
export const LOOK_EVERY_MS = 60 * 60_000
/** Bound on what is remembered; beyond it the oldest look is forgotten and so written again. */
const REMEMBERED = 10_000

/** Whether a look of this key is due to be written; one that is, counts as written. */
export function createOnceAnHour(clock: Clock): (key: string) => boolean {
  const writtenAt = new Map<string, number>()
  return (key) => {
    const last = writtenAt.get(key)
    if (last !== undefined && clock.monotonic() - last < LOOK_EVERY_MS) return false
    writtenAt.delete(key)
    writtenAt.set(key, clock.monotonic())
    const [oldest] = writtenAt.keys()
    if (writtenAt.size > REMEMBERED && oldest !== undefined) writtenAt.delete(oldest)
    return true
  }
}
