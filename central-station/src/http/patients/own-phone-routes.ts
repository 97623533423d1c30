import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { HealthSource, HealthSourceList, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { HealthImports } from '../../health-data/health-imports.ts'
import { ownPatient } from './own-care-routes.ts'

/** The phones that send for a patient, as that patient sees them: which, since when, and an end to one. */
export const ownPhoneRoutes: FastifyPluginAsyncTypebox<{ healthImports: HealthImports }> = async (app, { healthImports }) => {
  app.get(
    '/me/phones',
    { config: { permission: 'self', audit: false, scope: 'none' }, schema: { summary: 'Phones that may send for me', description: 'For the account of a patient.', tags: ['own'], response: { 200: HealthSourceList, '4xx': Problem } } },
    (request) => healthImports.sources(ownPatient(request)),
  )
  app.delete(
    '/me/phones/:sourceId',
    {
      config: { permission: 'self', audit: 'health.source_end', scope: 'none' },
      schema: { summary: 'A phone sends no more for me; what it sent stays', tags: ['own'], params: Type.Object({ sourceId: Uuid }), response: { 200: HealthSource, '4xx': Problem } },
    },
    async (request) => {
      const patientId = ownPatient(request)
      const { sourceId } = request.params
      request.subject = { patientId, detail: { sourceId } }
      return healthImports.revoke(patientId, sourceId)
    },
  )
}
