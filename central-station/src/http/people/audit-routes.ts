import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AuditChain, AuditList, AuditQuery, Problem } from '@vigil/contract'
import type { Audit } from '../../audit/audit.ts'
import type { ChainWatch } from '../../audit/chain-watch.ts'

/** What people and programs saw and did, and the proof that it is all there. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ audit: Audit; chain: ChainWatch }> = async (app, { audit, chain }) => {
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
  app.get(
    '/audit/chain',
    {
      config: { permission: 'audit:read', audit: false },
      schema: { summary: 'Whether the audit is whole', description: 'Every link is computed anew, at most once a minute. `npm run audit:verify` does the same from outside.', tags: ['people'], response: { 200: AuditChain, '4xx': Problem } },
    },
    () => chain.state(),
  )
}
