import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, PasswordChange, PinChange, Problem, Unlock } from '@vigil/contract'
import Type from 'typebox'
import type { OwnSecrets } from '../../people/own-secrets.ts'
import type { Session } from '../../people/session-book.ts'
import { actorOf } from '../context.ts'

const DONE = { 204: Type.Null(), '4xx': Problem }

/** One's own password, PIN and screen. */
export const ownRoutes: FastifyPluginAsyncTypebox<{ own: OwnSecrets }> = async (app, { own }) => {
  const config = { permission: 'self', audit: false, auditedBy: 'its store', scope: 'none' } as const
  app.put('/me/password', { config, schema: { summary: 'Choose a new password; your other sessions end', tags: ['people'], body: PasswordChange, response: DONE } }, async (request, reply) => {
    await own.changePassword(mySession(request.session), request.body, actorOf(request))
    return reply.code(204).send(null)
  })
  app.put('/me/pin', { config, schema: { summary: 'Set the PIN that unlocks a screen of yours', tags: ['people'], body: PinChange, response: DONE } }, async (request, reply) => {
    await own.setPin(unlocked(mySession(request.session)), request.body, actorOf(request))
    return reply.code(204).send(null)
  })
  app.post('/session/lock', { config, schema: { summary: 'Lock this screen: values and alarms go on, nothing can be done', tags: ['people'], response: DONE } }, async (request, reply) => {
    await own.lock(mySession(request.session), actorOf(request))
    return reply.code(204).send(null)
  })
  app.post('/session/unlock', { config, schema: { summary: 'Unlock this screen with PIN or password', description: 'After five wrong tries the session is over.', tags: ['people'], body: Unlock, response: DONE } }, async (request, reply) => {
    await own.unlock(mySession(request.session), request.body, actorOf(request))
    return reply.code(204).send(null)
  })
}

function mySession(session: Session | null): Session {
  if (!session) throw new AppError('FORBIDDEN', 'This is for people who are signed in; a token has no password, PIN or screen.')
  return session
}

function unlocked(session: Session): Session {
  if (session.lockedMs !== null) throw new AppError('SCREEN_LOCKED', 'This screen is locked. Unlock it with your PIN or password.')
  return session
}
