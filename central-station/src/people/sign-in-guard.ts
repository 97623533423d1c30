import { AppError, type Clock } from '@vigil/contract'

/** Wrong passwords allowed in a row from one address for one name, before the wait begins. */
export const FREE_ATTEMPTS = 5
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 15 * 60_000
/** Attempts from one address within a minute, whatever the names: a whole ward may sign in from behind one address at shift start. */
export const PER_ADDRESS_PER_MINUTE = 60
const MINUTE_MS = 60_000
/** Bound on what is remembered; the oldest goes first. */
const REMEMBERED = 10_000

interface Attempts {
  count: number
  blockedUntil: number
}

export interface SignInGuard {
  /**
   * Counts an attempt before its password is looked at, so that many at once are held like many in a row.
   * @throws AppError TOO_MANY_REQUESTS with `details.retryAfterMs`
   */
  begin(username: string, address: string): void
  /** The password was right: the count begins anew. */
  succeeded(username: string, address: string): void
}

/** Slows guessing: five free attempts, then a wait that doubles from one minute to fifteen. */
export function createSignInGuard(clock: Clock): SignInGuard {
  const byName = new Map<string, Attempts>()
  const byAddress = new Map<string, { count: number; since: number }>()

  return {
    begin(username, address) {
      const now = clock.monotonic()
      const minute = recall(byAddress, address, () => ({ count: 0, since: now }))
      if (now - minute.since >= MINUTE_MS) Object.assign(minute, { count: 0, since: now })
      if (minute.count >= PER_ADDRESS_PER_MINUTE) throw tooMany(minute.since + MINUTE_MS - now)
      const attempts = recall(byName, keyOf(username, address), () => ({ count: 0, blockedUntil: 0 }))
      if (attempts.blockedUntil > now) throw tooMany(attempts.blockedUntil - now)
      minute.count += 1
      attempts.count += 1
      if (attempts.count >= FREE_ATTEMPTS) {
        attempts.blockedUntil = now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts.count - FREE_ATTEMPTS))
      }
    },
    succeeded: (username, address) => void byName.delete(keyOf(username, address)),
  }
}

function keyOf(username: string, address: string): string {
  return `${username.toLowerCase()} ${address}`
}

function recall<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known) return known
  const fresh = make()
  map.set(key, fresh)
  const [oldest] = map.keys()
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest)
  return fresh
}

function tooMany(retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  return new AppError('TOO_MANY_REQUESTS', `Too many attempts to sign in. Try again in ${seconds} s.`, { details: { retryAfterMs: seconds * 1_000 } })
}
