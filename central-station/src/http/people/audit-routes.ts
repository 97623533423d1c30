import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AuditChain, AuditExportQuery, AuditKey, AuditList, AuditQuery, Problem } from '@vigil/contract'
import Type from 'typebox'
import type { Audit } from '../../audit/audit.ts'
import type { AuditExports } from '../../audit/audit-exports.ts'
import type { ChainWatch } from '../../audit/chain-watch.ts'
import { actorOf } from '../context.ts'

/** What people and programs saw and did, and the proof that it is all there. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ audit: Audit; auditExports: AuditExports; chain: ChainWatch }> = async (app, { audit, auditExports, chain }) => {
  app.get(
    '/audit',
    {
      config: { permission: 'audit:read', audit: 'audit.read' },
      schema: {
        summary: 'Who saw and did what',
        description: 'Every read of patient data and every change, newest first. Looks at a ward, live or not, are written once per session, ward and hour; so is the history of a page that stays open and renews its picture up to now.',
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
  app.get(
    '/audit/export',
    {
      config: { permission: 'audit:read', audit: 'audit.export' },
      schema: {
        summary: 'The audit as a signed file',
        description: 'JSON Lines: who exported what and when, the entries that fit with their links of the chain, oldest first, and in the last line an Ed25519 signature over every byte above it. `npm run audit:verify -- --audit-file FILE` checks it offline. At most 50 000 entries.',
        tags: ['people'],
        querystring: AuditExportQuery,
        response: { 200: Type.String(), '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { name, text, entries } = await auditExports.make(request.query, actorOf(request))
      request.subject = { detail: { ...request.query, entries } }
      return reply.type('application/x-ndjson').header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store').send(text)
    },
  )
  app.get(
    '/audit/key',
    {
      config: { permission: 'public', audit: false, scope: 'none' },
      schema: { summary: 'The public key exports of the audit are signed with', description: 'Who checks an export should have it by another way than the export, and compare the fingerprint.', tags: ['people'], response: { 200: AuditKey, '4xx': Problem } },
    },
    () => auditExports.key(),
  )
}
