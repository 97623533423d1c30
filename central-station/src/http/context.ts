import type { FastifyRequest } from 'fastify'
import { AppError, type Permission } from '@vigil/contract'
import type { Actor, Subject, Undertaking } from '../audit/audit.ts'
import type { Caller } from '../people/caller.ts'
import type { Session } from '../people/session-book.ts'

/**
 * How a route keeps to the wards of who calls it.
 * - `subject`: it is about what its address names, which must lie in the caller's wards.
 * - `filtered`: its answer leaves out what lies in other wards; what its query or body names must lie in the caller's.
 * - `house`: it is about the whole house, so only who sees all wards may call it.
 * - `none`: nothing in it belongs to a ward.
 */
export type Scope = 'subject' | 'filtered' | 'house' | 'none'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. A route without one stops the start. */
    permission?: Permission
    /** Action written to the audit when the call succeeds; `false` where there is nothing to write, or the handler does. */
    audit?: string | false
    /**
     * Who writes what a changing route without `audit` does: its service, which knows what it was, or its store, in the transaction
     * of the change; `nobody` where it is a person's own bookmark.
     */
    auditedBy?: 'its service' | 'its store' | 'nobody'
    /** How it keeps to the wards of its caller; see `Scope`. Closed unless told: `subject` with a name in its address, `house` without. */
    scope?: Scope
  }
  interface FastifyRequest {
    /** Whose call it is, a person's or a program's; `null` without a valid session or token. */
    caller: Caller | null
    /** The session of a person; a program has none. */
    session: Session | null
    /** The ward that was opened in an emergency and in which what the call names lies; found while it is kept to wards. */
    glassWard: string | null
    /** The entry of a call that may change something, from before its handler until its answer. */
    undertaking: Undertaking | null
    /** It goes on with a look that is in the audit already: a page that renewed its picture. */
    isSameLook: boolean
    /** What the call read or changed, filled in by its handler, for the audit. */
    subject: Subject
  }
}

/** The person or program behind a call. */
export function actorOf(request: FastifyRequest): Actor {
  const { caller } = request
  return {
    accountId: caller?.accountId ?? null,
    username: caller?.username ?? '',
    role: caller?.role ?? '',
    origin: request.ip,
    requestId: request.id,
  }
}

/** For routes that take a permission: the permission hook let nobody through without. @throws AppError UNAUTHENTICATED */
export function mustCaller({ caller }: FastifyRequest): Caller {
  if (!caller) throw new AppError('UNAUTHENTICATED', 'Sign in first.')
  return caller
}
