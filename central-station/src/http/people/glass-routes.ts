import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { BreakGlass, BreakGlassList, NewBreakGlass, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Glass } from '../../people/glass.ts'
import { actorOf, mustCaller } from '../context.ts'

/** Opening a ward that is not one's own, in an emergency. */
export const glassRoutes: FastifyPluginAsyncTypebox<{ glass: Glass }> = async (app, { glass }) => {
  app.post(
    '/break-glass',
    {
      // Its ward is another's on purpose. The record is written with the grant, in one transaction.
      config: { permission: 'glass:break', audit: false, auditedBy: 'its store', scope: 'none' },
      schema: {
        summary: 'Open a ward that is not yours for a while, with a reason',
        description: 'Your rights stay what they are; they hold in that ward too until it ends. Whoever is in charge there is told at once, and it stands first in the audit.',
        tags: ['people'],
        body: NewBreakGlass,
        response: { 201: BreakGlass, '4xx': Problem },
      },
    },
    async (request, reply) => reply.code(201).send(await glass.open(request.body, mustCaller(request), actorOf(request))),
  )
  app.get(
    '/break-glass',
    { config: { permission: 'glass:read', audit: false, scope: 'filtered' }, schema: { summary: 'Wards opened in the last 30 days, newest first', tags: ['people'], response: { 200: BreakGlassList, '4xx': Problem } } },
    async (request) => glass.list(mustCaller(request)),
  )
  app.delete(
    '/break-glass/:grantId',
    { config: { permission: 'glass:read', audit: false, auditedBy: 'its store', scope: 'subject' }, schema: { summary: 'Close an opened ward before its time', tags: ['people'], params: Type.Object({ grantId: Uuid }), response: { 200: BreakGlass, '4xx': Problem } } },
    (request) => glass.end(request.params.grantId, actorOf(request)),
  )
}
