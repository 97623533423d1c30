import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AlarmOffChange, Limits, LimitsChange, Name, NewObservation, Observation, ObservationList, Problem, Uuid, WardLimitsApplied, WardLimitsChange } from '@vigil/contract'
import Type from 'typebox'
import type { LimitsService } from '../../alarms/limits/limits-service.ts'
import { actorOf } from '../context.ts'

const Params = Type.Object({ stayId: Uuid })

/** Limits of a stay, alarms switched off, and what people observed by hand. */
export const limitRoutes: FastifyPluginAsyncTypebox<{ limits: LimitsService }> = async (app, { limits }) => {
  app.get(
    '/stays/:stayId/limits',
    { config: { permission: 'patient:read', audit: false }, schema: { summary: 'Limits in force, with who changed which and why', tags: ['alarms'], params: Params, response: { 200: Limits, '4xx': Problem } } },
    async (request) => limits.read(request.params.stayId),
  )
  app.put(
    '/stays/:stayId/limits',
    { config: { permission: 'limits:write', audit: 'limits.change' }, schema: { summary: 'Change limits or the profile, with a reason; expires after a shift unless told', tags: ['alarms'], params: Params, body: LimitsChange, response: { 200: Limits, '4xx': Problem } } },
    async (request) => {
      const { stayId } = request.params
      const before = limits.read(stayId)
      const after = await limits.change(stayId, request.body, actorOf(request))
      request.subject = { stayId, detail: { ...request.body, ...(request.body.wardProfile && after.chosen ? { profile: `${after.chosen.name}, version ${after.chosen.version}` } : {}), before: changedOnly(before, request.body) } }
      return after
    },
  )
  app.put(
    '/stays/:stayId/alarm-off',
    { config: { permission: 'alarm:off', audit: 'alarm.switch_off' }, schema: { summary: 'Switch one alarm of a stay off or on, with a reason and an end', tags: ['alarms'], params: Params, body: AlarmOffChange, response: { 200: Limits, '4xx': Problem } } },
    async (request) => {
      const { stayId } = request.params
      const after = await limits.switchOff(stayId, request.body, actorOf(request))
      request.subject = { stayId, detail: { ...request.body } }
      return after
    },
  )
  app.put(
    '/wards/:wardId/limits',
    { config: { permission: 'alarm:off', audit: 'limits.change_ward' }, schema: { summary: 'The same limits for every stay of a ward', tags: ['alarms'], params: Type.Object({ wardId: Name }), body: WardLimitsChange, response: { 200: WardLimitsApplied, '4xx': Problem } } },
    async (request) => {
      const { wardId } = request.params
      const stays = await limits.changeWard(wardId, request.body, actorOf(request))
      request.subject = { wardId, detail: { ...request.body, stays } }
      return { stays }
    },
  )
  app.get(
    '/stays/:stayId/observations',
    { config: { permission: 'history:read', audit: 'observation.read' }, schema: { summary: 'Spot observations, newest first', tags: ['alarms'], params: Params, response: { 200: ObservationList, '4xx': Problem } } },
    async (request) => {
      request.subject = { stayId: request.params.stayId }
      return limits.observations(request.params.stayId)
    },
  )
  app.post(
    '/stays/:stayId/observations',
    { config: { permission: 'observation:write', audit: 'observation.add' }, schema: { summary: 'Type in consciousness, oxygen, blood pressure or another value for NEWS2', tags: ['alarms'], params: Params, body: NewObservation, response: { 201: Observation, '4xx': Problem } } },
    async (request, reply) => {
      const { stayId } = request.params
      const observation = await limits.observe(stayId, request.body, actorOf(request))
      request.subject = { stayId, detail: { ...request.body } }
      return reply.code(201).send(observation)
    },
  )
}

/** What the changed limits were before, for the audit. */
function changedOnly(before: Limits, change: LimitsChange): object {
  const keys = new Set([...Object.keys(change.limits ?? {}), ...(change.reset ?? [])])
  return Object.fromEntries(before.limits.filter(({ condition }) => keys.has(condition)).map(({ condition, inForce }) => [condition, inForce]))
}
