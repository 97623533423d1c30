import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Hl7Source, Hl7SourceChange, Hl7SourceList, Name, Problem } from '@vigil/contract'
import Type from 'typebox'
import type { Hl7Sources } from '../sources/hl7-sources.ts'

/** Monitors that send HL7 v2: how each is read and answered. */
export const hl7SourceRoutes: FastifyPluginAsyncTypebox<{ hl7Sources: Hl7Sources }> = async (app, { hl7Sources }) => {
  app.get('/hl7-sources', { config: { permission: 'integration:write', audit: false, scope: 'house' }, schema: { summary: 'Senders of HL7 v2, the last heard first', tags: ['integrations'], response: { 200: Hl7SourceList, '4xx': Problem } } }, () => hl7Sources.list())
  app.patch(
    '/hl7-sources/:deviceId',
    { config: { permission: 'integration:write', audit: 'hl7_source.change' }, schema: { summary: 'Change how a source is read and answered', tags: ['integrations'], params: Type.Object({ deviceId: Name }), body: Hl7SourceChange, response: { 200: Hl7Source, '4xx': Problem } } },
    async (request) => {
      const { deviceId } = request.params
      request.subject = { deviceId, detail: { ...request.body } }
      return hl7Sources.change(deviceId, request.body)
    },
  )
}
