import { AppError, type Clock, type SignIn } from '@vigil/contract'
import type { Actor, Audit } from '../audit/audit.ts'
import type { Account, AccountStore } from './account.ts'
import { hashPassword, isPassword } from './password.ts'
import type { Session, SessionBook } from './session-book.ts'
import type { SignInGuard } from './sign-in-guard.ts'

export interface SignedIn {
  readonly token: string
  readonly session: Session
}

export interface SignInService {
  /** @throws AppError SIGN_IN_REFUSED, TOO_MANY_REQUESTS */
  signIn(asked: SignIn, from: Pick<Actor, 'origin' | 'requestId'>): Promise<SignedIn>
  signOut(session: Session): Promise<void>
}

/** Each derivation takes 19 MiB and a core for 30 ms: more at once would starve the live lane. */
const AT_ONCE = 2
const WAITING = 60

export function createSignIn({ accounts, sessions, guard, audit, clock }: { accounts: AccountStore; sessions: SessionBook; guard: SignInGuard; audit: Audit; clock: Clock }): SignInService {
  const limited = createLimit(AT_ONCE, WAITING)
  // Compared with when the name is unknown, so that the time of the answer does not tell which names exist.
  const nobodysHash = hashPassword('nobody')

  const check = async (username: string, password: string): Promise<{ known: Account | undefined; right: boolean }> => {
    const found = await accounts.find(username)
    const right = await limited(async () => isPassword(found?.passwordHash ?? (await nobodysHash), password))
    return { known: found?.account, right: right && found !== undefined && !found.account.disabled && (found.account.onceUntilMs === null || clock.now() < found.account.onceUntilMs) }
  }

  return {
    async signIn({ username, password, kind = 'browser' }, from) {
      guard.begin(username, from.origin)
      const { known, right } = await check(username, password)
      // What was typed as an unknown name may be a password in the wrong field: it is not written down.
      const actor: Actor = { accountId: known?.id ?? null, username: known?.username ?? '(unknown)', role: known?.role ?? '', ...from }
      if (!known || !right) {
        await audit.record(actor, 'session.refused', {})
        throw new AppError('SIGN_IN_REFUSED', 'User name or password is wrong.')
      }
      guard.succeeded(username, from.origin)
      return audit.doing([{ actor, action: 'session.open', subject: () => ({ detail: { kind } }) }], () => sessions.open(known, kind, from.origin))
    },
    signOut: (session) => sessions.close(session.id),
  }
}

/** Runs so many at once, lets so many wait, and refuses the rest. */
function createLimit(atOnce: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const queue: (() => void)[] = []
  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new AppError('TOO_MANY_REQUESTS', 'Too many people are signing in at this moment. Try again in a few seconds.', { details: { retryAfterMs: 5_000 } })
      await new Promise<void>((go) => {
        queue.push(go)
      })
    } else running += 1
    try {
      return await work()
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = queue.shift()
      if (next) next()
      else running -= 1
    }
  }
}
