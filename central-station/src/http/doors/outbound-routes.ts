import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NewOutboundTarget, OutboundDelivery, OutboundDeliveryList, OutboundDeliveryQuery, OutboundTarget, OutboundTargetChange, OutboundTargetCreated, OutboundTargetList, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Targets } from '../../outbound/targets.ts'
import { mustCaller } from '../context.ts'

const Params = Type.Object({ targetId: Uuid })
const config = (audit: string | false) => ({ permission: 'integration:write' as const, audit })
const tags = ['integrations']

/** Webhooks and HL7 receivers: who is told of what, and what became of it. */
export const outboundRoutes: FastifyPluginAsyncTypebox<{ targets: Targets }> = async (app, { targets }) => {
  app.get('/outbound-targets', { config: config(false), schema: { summary: 'Where events and values go, and how it stands with each', tags, response: { 200: OutboundTargetList, '4xx': Problem } } }, () => targets.list())
  app.post(
    '/outbound-targets',
    {
      config: config('outbound.add'),
      schema: {
        summary: 'Add a webhook or an HL7 receiver',
        description: 'A webhook is sent JSON with `x-vigil-signature: t=<seconds>,v1=<hex HMAC-SHA-256 of "<seconds>.<body>">`; its key is in this answer and nowhere else. An HL7 receiver gets alarms as PCD-04 and, with `observationsEveryS`, values as PCD-01. Addresses inside have to be listed by an operator in `VIGIL_OUTBOUND_ALLOW`.',
        tags,
        body: NewOutboundTarget,
        response: { 201: OutboundTargetCreated, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const made = await targets.add(request.body, mustCaller(request))
      const { id: targetId, kind, name, events, wards, settings } = made
      request.subject = { detail: { targetId, kind, name, events, wards, names: settings['names'] === true } }
      return reply.code(201).send(made)
    },
  )
  app.patch('/outbound-targets/:targetId', { config: config('outbound.change'), schema: { summary: 'Change a target, switch it off or on', tags, params: Params, body: OutboundTargetChange, response: { 200: OutboundTarget, '4xx': Problem } } }, async (request) => {
    request.subject = { detail: { targetId: request.params.targetId, ...request.body } }
    return targets.change(request.params.targetId, request.body, mustCaller(request))
  })
  app.delete('/outbound-targets/:targetId', { config: config('outbound.remove'), schema: { summary: 'Remove a target and its line', tags, params: Params, response: { 204: Type.Null(), '4xx': Problem } } }, async (request, reply) => {
    request.subject = { detail: { targetId: request.params.targetId } }
    await targets.remove(request.params.targetId)
    return reply.code(204).send(null)
  })
  app.post('/outbound-targets/:targetId/test', { config: config('outbound.test'), schema: { summary: 'Send a harmless test', tags, params: Params, response: { 202: OutboundTarget, '4xx': Problem } } }, async (request, reply) => {
    request.subject = { detail: { targetId: request.params.targetId } }
    return reply.code(202).send(await targets.test(request.params.targetId))
  })
  app.get('/outbound-targets/:targetId/deliveries', { config: config(false), schema: { summary: 'What went to a target, newest first', tags, params: Params, querystring: OutboundDeliveryQuery, response: { 200: OutboundDeliveryList, '4xx': Problem } } }, (request) =>
    targets.deliveries(request.params.targetId, request.query),
  )
  app.post(
    '/outbound-deliveries/:deliveryNo/retry',
    { config: config('outbound.retry'), schema: { summary: 'Send again what was given up', tags, params: Type.Object({ deliveryNo: Type.Integer({ minimum: 1 }) }), response: { 200: OutboundDelivery, '4xx': Problem } } },
    async (request) => {
      request.subject = { detail: { delivery: request.params.deliveryNo } }
      return targets.again(request.params.deliveryNo)
    },
  )
}
