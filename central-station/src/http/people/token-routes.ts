import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AccessToken, AccessTokenCreated, AccessTokenList, NewAccessToken, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Tokens } from '../../people/tokens.ts'
import { mustCaller } from '../context.ts'

/** Tokens for programs. */
export const tokenRoutes: FastifyPluginAsyncTypebox<{ tokens: Tokens }> = async (app, { tokens }) => {
  app.get(
    '/tokens',
    { config: { permission: 'token:write', audit: 'token.list' }, schema: { summary: 'Tokens of programs, newest first, also those that ended', tags: ['people'], response: { 200: AccessTokenList, '4xx': Problem } } },
    () => tokens.list(),
  )
  app.post(
    '/tokens',
    {
      config: { permission: 'token:write', audit: 'token.add' },
      schema: {
        summary: 'Make a token for a program; it is in this answer and nowhere else',
        description: 'Sent as `Authorization: Bearer`. It may do what `rights` names, in `wards` or everywhere, until it ends. A right or a ward its maker has not got is refused.',
        tags: ['people'],
        body: NewAccessToken,
        response: { 201: AccessTokenCreated, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const made = await tokens.make(request.body, mustCaller(request))
      const { id: tokenId, name, rights, wards, expiresAt } = made
      request.subject = { detail: { tokenId, name, rights, wards, expiresAt } }
      return reply.code(201).send(made)
    },
  )
  app.delete(
    '/tokens/:tokenId',
    { config: { permission: 'token:write', audit: 'token.revoke' }, schema: { summary: 'End a token at once', tags: ['people'], params: Type.Object({ tokenId: Uuid }), response: { 200: AccessToken, '4xx': Problem } } },
    async (request) => {
      const token = await tokens.revoke(request.params.tokenId, mustCaller(request).username)
      request.subject = { detail: { tokenId: token.id, name: token.name } }
      return token
    },
  )
}
