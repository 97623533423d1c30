import type { Clock } from '@vigil/contract'

const MINUTE_MS = 60_000
/** Bound on what is remembered; the oldest goes first. */
const REMEMBERED = 10_000

export interface AttemptsPerMinute {
  /** Counts an attempt; answers how long the key must wait when there were too many, 0 when it may go on. */
  count(key: string): number
}

/** So many attempts within a minute from one place, counted before they are looked at: many at once are held like many in a row. */
export function attemptsPerMinute(clock: Clock, most: number): AttemptsPerMinute {
  const known = new Map<string, { count: number; since: number }>()
  return {
    count(key) {
      const now = clock.monotonic()
      const minute = recall(known, key, () => ({ count: 0, since: now }))
      if (now - minute.since >= MINUTE_MS) Object.assign(minute, { count: 0, since: now })
      if (minute.count >= most) return minute.since + MINUTE_MS - now
      minute.count += 1
      return 0
    },
  }
}

/** The value of a key, made when it is new; the map stays bounded. */
export function recall<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known) return known
  const fresh = make()
  map.set(key, fresh)
  const [oldest] = map.keys()
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest)
  return fresh
}
