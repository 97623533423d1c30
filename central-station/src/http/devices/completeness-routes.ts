import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Completeness, Name, Problem } from '@vigil/contract'
import Type from 'typebox'
import type { CompletenessService } from '../../ledger/completeness.ts'

const DAYS = 7
const Days = Type.Object(
  {
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 31, description: `So many, today the last; default ${DAYS}` })),
    zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA time zone; default UTC' })),
  },
  { additionalProperties: false },
)

/** The proof of what arrived from a device, day by day. */
export const completenessRoutes: FastifyPluginAsyncTypebox<{ completeness: CompletenessService }> = async (app, { completeness }) => {
  app.get(
    '/devices/:deviceId/completeness',
    {
      config: { permission: 'device:read', audit: false },
      schema: { summary: 'By day of measurement: how many of the numbers a device gave are stored', tags: ['devices'], params: Type.Object({ deviceId: Name }), querystring: Days, response: { 200: Completeness, '4xx': Problem } },
    },
    ({ params, query: { days = DAYS, zone = 'UTC' } }) => completeness.byDay(params.deviceId, { days, zone }),
  )
}
