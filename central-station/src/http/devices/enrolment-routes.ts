import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Enrolment, EnrolmentCode, EnrolmentCodeCreated, EnrolmentCodeList, EnrolmentRequest, NewEnrolmentCode, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { EnrolmentService } from '../../enrolment/enrolment.ts'
import { actorOf } from '../context.ts'

/** One-time codes that let a board in. */
export const enrolmentRoutes: FastifyPluginAsyncTypebox<{ enrolment: EnrolmentService }> = async (app, { enrolment }) => {
  app.post(
    '/enrolment-codes',
    {
      config: { permission: 'device:write', audit: 'device.code' },
      schema: {
        summary: 'Make a one-time code for a board',
        description: 'Valid once, for 10 minutes; it is in this answer and nowhere else. Earlier codes of the same device end. A device that is registered already gets a new secret when its code is redeemed, and the old secret ends then.',
        tags: ['devices'],
        body: NewEnrolmentCode,
        response: { 201: EnrolmentCodeCreated, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const created = await enrolment.makeCode(request.body, actorOf(request).username)
      // The name stands in the detail too: the device may not exist yet.
      const { id: codeId, deviceId, site, mode } = created
      request.subject = { deviceId, detail: { codeId, deviceId, site, mode } }
      return reply.code(201).send(created)
    },
  )
  app.get(
    '/enrolment-codes',
    { config: { permission: 'device:write', audit: false }, schema: { summary: 'One-time codes of the last 30 days, and what became of them', tags: ['devices'], response: { 200: EnrolmentCodeList, '4xx': Problem } } },
    () => enrolment.list(),
  )
  app.delete(
    '/enrolment-codes/:codeId',
    {
      config: { permission: 'device:write', audit: 'device.code_cancel' },
      schema: { summary: 'Cancel a code that waits', tags: ['devices'], params: Type.Object({ codeId: Uuid }), response: { 200: EnrolmentCode, '4xx': Problem } },
    },
    async (request) => {
      const code = await enrolment.cancel(request.params.codeId)
      request.subject = { deviceId: code.deviceId, detail: { codeId: code.id } }
      return code
    },
  )
  app.post(
    '/enrolment',
    {
      // The code is the sign-in; what came of it is written by the service, which knows the device.
      config: { permission: 'public', audit: false, auditedBy: 'its service' },
      schema: {
        summary: 'Redeem a one-time code: the board gets its name, its secret and where to connect',
        description: 'At most 10 tries a minute from one address. Wrong, used and expired codes sound the same.',
        tags: ['devices'],
        body: EnrolmentRequest,
        response: { 201: Enrolment, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { origin, requestId } = actorOf(request)
      return reply.code(201).send(await enrolment.redeem(request.body, { origin, requestId }, request.host))
    },
  )
}
