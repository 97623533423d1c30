import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, Problem, SessionInfo, SignIn } from '@vigil/contract'
import Type from 'typebox'
import { iso } from '../../iso.ts'
import { toUser } from '../../people/account.ts'
import { callerOf } from '../../people/caller.ts'
import type { Session } from '../../people/session-book.ts'
import type { SignInService } from '../../people/sign-in.ts'
import { giveCookie, takeCookie } from '../authentication.ts'

/** Signing in and out, and who one is. */
export const sessionRoutes: FastifyPluginAsyncTypebox<{ signIn: SignInService; tls: boolean }> = async (app, { signIn, tls }) => {
  app.post(
    '/session',
    {
      config: { permission: 'public', audit: false, auditedBy: 'its service' },
      schema: {
        summary: 'Sign in',
        description: 'A browser gets an HttpOnly cookie; a program asks for `kind: "program"` and gets a Bearer token instead. Both end: a browser session after half an hour without use or 12 h, a program after 30 days without use or 90 days.',
        tags: ['people'],
        body: SignIn,
        response: { 200: SessionInfo, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { token, session } = await signIn.signIn(request.body, { origin: request.ip, requestId: request.id })
      if (session.kind === 'program') return { ...toInfo(session), token }
      giveCookie(reply, token, session.expiresAtMs, tls)
      return toInfo(session)
    },
  )
  app.delete(
    '/session',
    { config: { permission: 'self', audit: 'session.close', scope: 'none' }, schema: { summary: 'Sign out', tags: ['people'], response: { 204: Type.Null(), '4xx': Problem } } },
    async (request, reply) => {
      await signIn.signOut(mySession(request.session))
      takeCookie(reply, tls)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/me',
    { config: { permission: 'self', audit: false, scope: 'none' }, schema: { summary: 'Who is signed in, and what they may do', tags: ['people'], response: { 200: SessionInfo, '4xx': Problem } } },
    async (request) => toInfo(mySession(request.session)),
  )
}

/** The permission hook let nobody through without one. */
function mySession(session: Session | null): Session {
  if (!session) throw new AppError('UNAUTHENTICATED', 'Sign in first.')
  return session
}

function toInfo(session: Session): SessionInfo {
  const { held, rights } = callerOf(session)
  return { user: toUser(session.account), rights: [...rights], expiresAt: iso(session.expiresAtMs), ...(held === 'locked' ? { locked: true } : {}), ...(held === 'newcomer' ? { mustChangePassword: true } : {}) }
}

