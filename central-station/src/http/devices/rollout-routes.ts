import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NewRollout, Problem, RingSizes, Rollout, RolloutActing, RolloutDraft, RolloutList, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Rollouts } from '../../rollouts/rollouts.ts'
import { actorOf, mustCaller } from '../context.ts'

/** One change of the configuration of many devices, ring by ring. */
export const rolloutRoutes: FastifyPluginAsyncTypebox<{ rollouts: Rollouts }> = async (app, { rollouts }) => {
  app.get(
    '/rollouts',
    { config: { permission: 'device:read', audit: false, scope: 'filtered' }, schema: { summary: 'Changes by rings, newest first', tags: ['control'], response: { 200: RolloutList, '4xx': Problem } } },
    (request) => rollouts.list(mustCaller(request).wards),
  )
  app.post(
    '/rollouts',
    {
      config: { permission: 'config:write', audit: 'rollout.start', scope: 'filtered' },
      schema: {
        summary: 'Change the configuration of many devices ring by ring',
        description: '`set` is laid over what is desired of each device. A ring begins when the one before reported the new version without errors and was watched; it stops by itself when more than `mostFailed` of a ring fail.',
        tags: ['control'],
        body: NewRollout,
        response: { 201: Rollout, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const rollout = await rollouts.start(request.body, actorOf(request), mustCaller(request).wards)
      const { set, reason, wardId } = request.body
      request.subject = { ...(wardId === undefined ? {} : { wardId }), detail: { rollout: rollout.id, devices: rollout.devices.length, set, reason } }
      return reply.code(201).send(rollout)
    },
  )
  app.post(
    '/rollout-drafts',
    {
      config: { permission: 'config:write', audit: false, auditedBy: 'nobody', scope: 'filtered' },
      schema: { summary: 'How many devices each ring of a change would have; nothing begins', tags: ['control'], body: RolloutDraft, response: { 200: RingSizes, '4xx': Problem } },
    },
    async (request) => rollouts.sizes(request.body, mustCaller(request).wards),
  )
  app.post(
    '/rollouts/:rolloutId/acts',
    {
      config: { permission: 'config:write', audit: 'rollout.act', scope: 'filtered' },
      schema: { summary: 'Pause, resume, cancel or put back', tags: ['control'], params: Type.Object({ rolloutId: Uuid }), body: RolloutActing, response: { 200: Rollout, '4xx': Problem } },
    },
    async (request) => {
      const { rolloutId } = request.params
      const { act, reason } = request.body
      request.subject = { detail: { rollout: rolloutId, act, ...(reason ? { reason } : {}) } }
      return rollouts.act(rolloutId, request.body, mustCaller(request).wards)
    },
  )
}
