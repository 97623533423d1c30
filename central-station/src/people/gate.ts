import type { Stop } from '@vigil/contract'
import { type Caller, callerOf } from './caller.ts'
import type { Glass } from './glass.ts'
import type { Session, SessionBook } from './session-book.ts'
import type { TokenBook } from './token-book.ts'

/** Sessions of people and tokens of programs, asked as one. */
export interface Gate {
  /** Who holds this secret; for a person with the session. Counts as use. */
  find(token: string): { readonly caller: Caller; readonly session: Session | null } | undefined
  /** Whether a caller that was found earlier may still call; counts as use. */
  stillOpen(callerId: string): boolean
  onClosed(listener: (callerId: string) => void): Stop
}

export function createGate({ sessions, tokens, glass }: { sessions: SessionBook; tokens: TokenBook; glass: Pick<Glass, 'openFor'> }): Gate {
  return {
    find(token) {
      const session = sessions.find(token)
      if (session) return { caller: withOpened(callerOf(session), glass), session }
      const caller = tokens.find(token)
      return caller && { caller, session: null }
    },
    stillOpen: (id) => tokens.stillOpen(id) || sessions.stillOpen(id),
    onClosed(listener) {
      const stops = [sessions.onClosed(listener), tokens.onClosed(listener)]
      return () => stops.forEach((stop) => stop())
    },
  }
}

/** Wards opened in an emergency are the caller's until they are closed. */
function withOpened(caller: Caller, glass: Pick<Glass, 'openFor'>): Caller {
  if (caller.wards === null || caller.accountId === null) return caller
  const opened = glass.openFor(caller.accountId)
  return opened.length === 0 ? caller : { ...caller, wards: [...caller.wards, ...opened], opened }
}
