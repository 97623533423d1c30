import { type FastifyRequest } from 'fastify'
import { type Permission } from '@vigil/contract'
import { type Actor, type Subject } from '../audit/audit.ts'
import { type Session } from '../people/session-book.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. A route without one stops the start. */
    permission?: Permission
    /** Action written to the audit when the call succeeds; `false` where there is nothing to write, or the handler does. */
    audit?: string | false
  }
  interface FastifyRequest {
    /** Whose call it is; `null` without a valid session. */
    session: Session | null
    /** What the call read or changed, filled in by its handler, for the audit. */
    subject: Subject
  }
}

/** The person or program behind a call. */
export function actorOf(request: FastifyRequest): Actor {
  const account = request.session?.account
  return {
    accountId: account?.id ?? null,
    username: account?.username ?? '',
    role: account?.role ?? '',
    origin: request.ip,
    requestId: request.id,
  }
}
