import { AppError } from '@vigil/contract'
import { isAway } from '../db/database-errors.ts'
import type { AccountStore, KnownAccount } from './account.ts'
import type { Session, SessionBook } from './session-book.ts'

/** The person of a session, with what proves that it is them. */
export interface ScreenOwners {
  /** As PostgreSQL knows them. @throws AppError UNAUTHENTICATED, DATABASE_AWAY */
  known(session: Session): Promise<KnownAccount>
  /** The screen is about to be locked: kept in memory until it is open again. @throws AppError as `known` */
  keep(session: Session): Promise<void>
  /** With PostgreSQL away, as they were when the screen was locked: alarms are answered there. @throws AppError as `known` */
  knownOrKept(session: Session): Promise<KnownAccount>
  forget(session: Session): void
}

export function createScreenOwners({ accounts, sessions }: { accounts: AccountStore; sessions: Pick<SessionBook, 'onClosed'> }): ScreenOwners {
  const kept = new Map<string, KnownAccount>()
  sessions.onClosed((id) => kept.delete(id))

  async function known({ account }: Session): Promise<KnownAccount> {
    const found = await accounts.byId(account.id)
    if (!found) throw new AppError('UNAUTHENTICATED', 'Sign in again.')
    return found
  }

  return {
    known,
    keep: async (session) => void kept.set(session.id, await known(session)),
    async knownOrKept(session) {
      try {
        return await known(session)
      } catch (error) {
        const then = kept.get(session.id)
        if (then && isAway(error)) return then
        throw error
      }
    },
    forget: ({ id }) => void kept.delete(id),
  }
}
