import { AppError, type Clock } from '@vigil/contract'

/** How long an answer holds. A person registers a device and switches it on: it must not have to wait. */
const HOLDS_MS = 1_000
/** Ids remembered at most; the oldest is forgotten, which only costs one more question. */
const REMEMBERED = 10_000
/** Questions under way at once; a flood of made-up ids must not fill the database's queue. */
const AT_ONCE = 64

/**
 * Questions about single devices: one at a time for each id, none again within a second, and not many at once.
 * Resolves when the answer is there, at once when there was one a moment ago.
 * @throws AppError DATABASE_AWAY as `read` does, and when too many are under way.
 */
export function createLookups(clock: Clock, read: (device: string) => Promise<void>): (device: string) => Promise<void> {
  const answeredAt = new Map<string, number>()
  const underWay = new Map<string, Promise<void>>()

  const note = (device: string) => {
    answeredAt.delete(device)
    if (answeredAt.size >= REMEMBERED) {
      const [oldest] = answeredAt.keys()
      if (oldest !== undefined) answeredAt.delete(oldest)
    }
    answeredAt.set(device, clock.monotonic())
  }

  return async (device) => {
    const at = answeredAt.get(device)
    if (at !== undefined && clock.monotonic() - at < HOLDS_MS) return
    const same = underWay.get(device)
    if (same) return same
    if (underWay.size >= AT_ONCE) throw new AppError('DATABASE_AWAY', 'Too many unknown devices sign in at once. Try again in a moment.')
    // Only an answer is noted: a registry that does not answer has not said that the device is unknown.
    const lookup = read(device).then(() => note(device)).finally(() => underWay.delete(device))
    underWay.set(device, lookup)
    return lookup
  }
}
