import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CodeMapping, Hl7Codes, Hl7Source, Hl7SourceChange, Hl7SourceList, Name, Problem } from '@vigil/contract'
import Type from 'typebox'
import { actorOf } from '../context.ts'
import type { Hl7CodeBook } from '../../sources/hl7-codes.ts'
import type { Hl7Sources } from '../../sources/hl7-sources.ts'

/** Monitors that send HL7 v2: how each is read and answered. */
export const hl7SourceRoutes: FastifyPluginAsyncTypebox<{ hl7Sources: Hl7Sources; hl7Codes: Hl7CodeBook }> = async (app, { hl7Sources, hl7Codes }) => {
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
  app.get(
    '/hl7-sources/:deviceId/codes',
    { config: { permission: 'integration:write', audit: 'hl7_source.codes' }, schema: { summary: 'Codes of its own that a source sends: unknown ones with their newest value, and what was said they mean', tags: ['integrations'], params: Type.Object({ deviceId: Name }), response: { 200: Hl7Codes, '4xx': Problem } } },
    async (request) => {
      request.subject = { deviceId: request.params.deviceId }
      return hl7Codes.read(request.params.deviceId)
    },
  )
  app.put(
    '/hl7-sources/:deviceId/codes',
    { config: { permission: 'integration:write', audit: 'hl7_source.map' }, schema: { summary: 'Say what a code of this source means; what had come before is read again', tags: ['integrations'], params: Type.Object({ deviceId: Name }), body: CodeMapping, response: { 200: Hl7Codes, '4xx': Problem } } },
    async (request) => {
      const { deviceId } = request.params
      request.subject = { deviceId, detail: { ...request.body } }
      return hl7Codes.map(deviceId, request.body, actorOf(request).username)
    },
  )
}
