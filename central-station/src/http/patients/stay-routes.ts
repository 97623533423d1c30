import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NewStay, Problem, Stay, StayChange, Transfer, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Subject } from '../../audit/audit.ts'
import type { Stays } from '../../stays/stays.ts'
import { actorOf } from '../context.ts'

const Params = Type.Object({ stayId: Uuid })

/** Admit, link and unlink a device, transfer, discharge. */
export const stayRoutes: FastifyPluginAsyncTypebox<{ stays: Stays }> = async (app, { stays }) => {
  app.post(
    '/stays',
    { config: { permission: 'stay:write', audit: 'stay.admit', scope: 'filtered' }, schema: { summary: 'Admit a patient to a bed', tags: ['stays'], body: NewStay, response: { 201: Stay, '4xx': Problem } } },
    async (request, reply) => {
      const stay = await stays.admit(request.body, actorOf(request).username)
      request.subject = subjectOf(stay, { bedId: stay.bedId })
      return reply.code(201).send(stay)
    },
  )
  app.get(
    '/stays/:stayId',
    { config: { permission: 'patient:read', audit: 'stay.read' }, schema: { summary: 'One stay, with who watched it when', tags: ['stays'], params: Params, response: { 200: Stay, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.get(request.params.stayId)
      request.subject = subjectOf(stay)
      return stay
    },
  )
  app.patch(
    '/stays/:stayId',
    {
      config: { permission: 'stay:write', audit: 'stay.change' },
      schema: { summary: 'Link or unlink a device, or change the reason', tags: ['stays'], params: Params, body: StayChange, response: { 200: Stay, '4xx': Problem } },
    },
    async (request) => {
      const stay = await stays.change(request.params.stayId, request.body, actorOf(request).username)
      request.subject = subjectOf(stay, { ...request.body })
      return stay
    },
  )
  app.post(
    '/stays/:stayId/transfer',
    { config: { permission: 'stay:write', audit: 'stay.transfer' }, schema: { summary: 'Move to another bed; the device and the history come along', tags: ['stays'], params: Params, body: Transfer, response: { 200: Stay, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.transfer(request.params.stayId, request.body, actorOf(request).username)
      request.subject = subjectOf(stay, { ...request.body })
      return stay
    },
  )
  app.post(
    '/stays/:stayId/discharge',
    { config: { permission: 'stay:write', audit: 'stay.discharge' }, schema: { summary: 'End the stay: frees bed and device, keeps the history', tags: ['stays'], params: Params, response: { 200: Stay, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.discharge(request.params.stayId, actorOf(request).username)
      request.subject = subjectOf(stay)
      return stay
    },
  )
  app.post(
    '/stays/:stayId/reopen',
    { config: { permission: 'stay:write', audit: 'stay.reopen' }, schema: { summary: 'Take back a discharge of the last five minutes', tags: ['stays'], params: Params, response: { 200: Stay, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.reopen(request.params.stayId, actorOf(request).username)
      request.subject = subjectOf(stay)
      return stay
    },
  )
}

export function subjectOf(stay: Stay, detail?: Readonly<Record<string, unknown>>): Subject {
  return {
    patientId: stay.patient.id,
    stayId: stay.id,
    ...(stay.deviceId === undefined ? {} : { deviceId: stay.deviceId }),
    ...(stay.wardId === undefined ? {} : { wardId: stay.wardId }),
    ...(detail ? { detail } : {}),
  }
}
