import { type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NewUser, Problem, User, UserList } from '@vigil/contract'
import { type Users } from '../people/users.ts'

/** People with rights. */
export const peopleRoutes: FastifyPluginAsyncTypebox<{ users: Users }> = async (app, { users }) => {
  app.get(
    '/users',
    { config: { permission: 'user:read', audit: 'user.list' }, schema: { summary: 'People who may sign in', tags: ['people'], response: { 200: UserList, '4xx': Problem } } },
    () => users.list(),
  )
  app.post(
    '/users',
    { config: { permission: 'user:write', audit: 'user.add' }, schema: { summary: 'Add a person', tags: ['people'], body: NewUser, response: { 201: User, '4xx': Problem } } },
    async (request, reply) => {
      const user = await users.add(request.body)
      request.subject = { detail: { username: user.username, role: user.role } }
      return reply.code(201).send(user)
    },
  )
}
