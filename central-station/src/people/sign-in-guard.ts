import { AppError, type Clock } from '@vigil/contract'
import { attemptsPerMinute, recall } from '../attempts.ts'

/** Wrong passwords allowed in a row from one address for one name, before the wait begins. */
export const FREE_ATTEMPTS = 5
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 15 * 60_000
/** Attempts from one address within a minute, whatever the names: a whole ward may sign in from behind one address at shift start. */
export const PER_ADDRESS_PER_MINUTE = 60

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
  const byAddress = attemptsPerMinute(clock, PER_ADDRESS_PER_MINUTE)

  return {
    begin(username, address) {
      const now = clock.monotonic()
      const attempts = recall(byName, keyOf(username, address), () => ({ count: 0, blockedUntil: 0 }))
      if (attempts.blockedUntil > now) throw tooMany(attempts.blockedUntil - now)
      const crowdedMs = byAddress.count(address)
      if (crowdedMs > 0) throw tooMany(crowdedMs)
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

function tooMany(retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  return new AppError('TOO_MANY_REQUESTS', `Too many attempts to sign in. Try again in ${seconds} s.`, { details: { retryAfterMs: seconds * 1_000 } })
}
