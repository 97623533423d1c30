import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NewUser, Problem, UserChange, UserList, UserWithPassword, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Users } from '../../people/users.ts'
import { actorOf } from '../context.ts'

const Params = Type.Object({ userId: Uuid })

/** People with rights. What changes is in the audit by its own transaction, so the routes write nothing more. */
export const peopleRoutes: FastifyPluginAsyncTypebox<{ users: Users }> = async (app, { users }) => {
  app.get(
    '/users',
    { config: { permission: 'user:read', audit: 'user.list' }, schema: { summary: 'People who may sign in', tags: ['people'], response: { 200: UserList, '4xx': Problem } } },
    () => users.list(),
  )
  app.post(
    '/users',
    { config: { permission: 'user:write', audit: false, auditedBy: 'its store' }, schema: { summary: 'Add a person', tags: ['people'], body: NewUser, response: { 201: UserWithPassword, '4xx': Problem } } },
    async (request, reply) => reply.code(201).send(await users.add(request.body, actorOf(request))),
  )
  app.patch(
    '/users/:userId',
    {
      config: { permission: 'user:write', audit: false, auditedBy: 'its store' },
      schema: { summary: 'Change name, role or wards of a person, or disable them', description: 'With other rights or disabled, their open sessions and live pages end at once. Nobody changes their own rights.', tags: ['people'], params: Params, body: UserChange, response: { 200: UserWithPassword, '4xx': Problem } },
    },
    (request) => users.change(request.params.userId, request.body, actorOf(request)),
  )
  app.post(
    '/users/:userId/password-reset',
    { config: { permission: 'user:write', audit: false, auditedBy: 'its store' }, schema: { summary: 'Make a one-time password; it is in this answer and nowhere else', tags: ['people'], params: Params, response: { 200: UserWithPassword, '4xx': Problem } } },
    (request) => users.reset(request.params.userId, actorOf(request)),
  )
}
