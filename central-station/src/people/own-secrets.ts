import { AppError, type Clock, type PasswordChange, type PinChange, type Unlock } from '@vigil/contract'
import { type Actor, recordOf } from '../audit/audit.ts'
import type { AccountStore } from './account.ts'
import { hashPassword, isPassword } from './password.ts'
import { createScreenOwners } from './screen-owners.ts'
import type { Session, SessionBook } from './session-book.ts'
import type { SignInGuard } from './sign-in-guard.ts'

/** What a person does with their own password, PIN and screen. */
export interface OwnSecrets {
  /** Other sessions of the person end. @throws AppError SIGN_IN_REFUSED, TOO_MANY_REQUESTS */
  changePassword(session: Session, asked: PasswordChange, actor: Actor): Promise<void>
  setPin(session: Session, asked: PinChange, actor: Actor): Promise<void>
  /** Names are hidden and nothing can be done until it is unlocked; values and alarms go on. */
  lock(session: Session, actor: Actor): Promise<void>
  /** After five wrong tries the session is over. @throws AppError SIGN_IN_REFUSED */
  unlock(session: Session, asked: Unlock, actor: Actor): Promise<void>
}

const WRONG_PINS = 5

export function createOwnSecrets({ accounts, sessions, guard, clock }: { accounts: AccountStore; sessions: SessionBook; guard: SignInGuard; clock: Clock }): OwnSecrets {
  const wrong = new Map<string, number>()
  sessions.onClosed((id) => wrong.delete(id))
  const owners = createScreenOwners({ accounts, sessions })
  const assertPassword = async (session: Session, password: string): Promise<void> => {
    const { username } = session.account
    guard.begin(username, session.origin)
    if (!(await isPassword((await owners.known(session)).passwordHash, password))) throw new AppError('SIGN_IN_REFUSED', 'The password is wrong.')
    guard.succeeded(username, session.origin)
  }
  const ended = () => new AppError('UNAUTHENTICATED', 'Too many wrong tries. Sign in again.')
  const assertUnlocks = async (session: Session, { pin, password }: Unlock): Promise<void> => {
    // Counted before it is looked at, so that many at once are held like many in a row.
    const tries = (wrong.get(session.id) ?? 0) + 1
    if (tries > WRONG_PINS) throw ended()
    wrong.set(session.id, tries)
    const { pinHash, passwordHash } = await owners.knownOrKept(session).catch((error: unknown) => {
      wrong.set(session.id, (wrong.get(session.id) ?? 1) - 1)
      throw error
    })
    const right = pin === undefined ? await isPassword(passwordHash, password ?? '') : pinHash !== null && (await isPassword(pinHash, pin))
    if (right) return void wrong.delete(session.id)
    if (tries < WRONG_PINS) throw new AppError('SIGN_IN_REFUSED', `That is not right. ${WRONG_PINS - tries} more ${WRONG_PINS - tries === 1 ? 'try' : 'tries'}, then sign in again.`, { details: { triesLeft: WRONG_PINS - tries } })
    await sessions.close(session.id)
    wrong.delete(session.id)
    throw ended()
  }
  return {
    async changePassword(session, { current, next }, actor) {
      await assertPassword(session, current)
      if (next === current) throw new AppError('INVALID_REQUEST', 'Choose another password than the one before.', { details: { field: 'next' } })
      await accounts.change(session.account.id, { passwordHash: await hashPassword(next), onceUntilMs: null }, recordOf(actor, 'user.password', {}, clock.now()))
      for (const other of sessions.of(new Set([session.account.id]))) if (other !== session.id) await sessions.close(other)
      await sessions.refresh()
    },
    async setPin(session, { password, pin }, actor) {
      await assertPassword(session, password)
      await accounts.change(session.account.id, { pinHash: await hashPassword(pin) }, recordOf(actor, 'user.pin', {}, clock.now()))
      await sessions.refresh()
    },
    async lock(session, actor) {
      await owners.keep(session)
      await sessions.lock(session.id, clock.now(), recordOf(actor, 'session.lock', {}, clock.now()))
    },
    async unlock(session, asked, actor) {
      await assertUnlocks(session, asked)
      await sessions.lock(session.id, null, recordOf(actor, 'session.unlock', {}, clock.now()))
      owners.forget(session)
    },
  }
}
