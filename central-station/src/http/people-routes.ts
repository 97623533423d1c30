import { type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AuditList, AuditQuery, NewUser, Problem, User, UserList } from '@vigil/contract'
import { type Audit } from '../audit/audit.ts'
import { type Users } from '../people/users.ts'

/** People with rights, and what they did. */
export const peopleRoutes: FastifyPluginAsyncTypebox<{ users: Users; audit: Audit }> = async (app, { users, audit }) => {
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
  app.get(
    '/audit',
    {
      config: { permission: 'audit:read', audit: 'audit.read' },
      schema: {
        summary: 'Who saw and did what',
        description: 'Every read of patient data and every change, newest first. Looks at a ward, live or not, are written once per session, ward and hour.',
        tags: ['people'],
        querystring: AuditQuery,
        response: { 200: AuditList, '4xx': Problem },
      },
    },
    async (request) => {
      request.subject = { detail: { ...request.query } }
      return audit.find(request.query)
    },
  )
}
