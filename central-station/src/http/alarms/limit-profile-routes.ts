import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LimitProfile, LimitProfileChange, LimitProfileEnd, LimitProfileHistory, LimitProfileList, Name, NewLimitProfile, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { LimitProfiles } from '../../alarms/limits/limit-profiles.ts'
import { actorOf } from '../context.ts'

const Ward = Type.Object({ wardId: Name })
const Which = Type.Object({ retired: Type.Optional(Type.Boolean({ description: 'Those that were retired, instead' })) })
const Params = Type.Object({ wardId: Name, profileId: Uuid })

/** Profiles of limits of a ward. Choosing one for a stay is a change of its limits: `PUT /stays/{stayId}/limits`. */
export const limitProfileRoutes: FastifyPluginAsyncTypebox<{ limitProfiles: LimitProfiles }> = async (app, { limitProfiles }) => {
  app.get(
    '/wards/:wardId/limit-profiles',
    { config: { permission: 'ward:read', audit: false }, schema: { summary: 'Profiles of limits that may be chosen in this ward', tags: ['alarms'], params: Ward, querystring: Which, response: { 200: LimitProfileList, '4xx': Problem } } },
    async (request) => ({ profiles: await limitProfiles.list(request.params.wardId, request.query.retired ?? false) }),
  )
  app.get(
    '/wards/:wardId/limit-profiles/:profileId/versions',
    { config: { permission: 'ward:read', audit: false }, schema: { summary: 'Every version of a profile, with who, when and why; newest first', tags: ['alarms'], params: Params, response: { 200: LimitProfileHistory, '4xx': Problem } } },
    async (request) => limitProfiles.history(request.params.wardId, request.params.profileId),
  )
  app.post(
    '/wards/:wardId/limit-profiles',
    { config: { permission: 'alarm:off', audit: 'limits.profile_make' }, schema: { summary: 'Make a profile of limits for a ward', tags: ['alarms'], params: Ward, body: NewLimitProfile, response: { 201: LimitProfile, '4xx': Problem } } },
    async (request, reply) => {
      const { wardId } = request.params
      const profile = await limitProfiles.make(wardId, request.body, actorOf(request))
      request.subject = { wardId, detail: { ...request.body, profileId: profile.id } }
      return reply.code(201).send(profile)
    },
  )
  app.put(
    '/wards/:wardId/limit-profiles/:profileId',
    { config: { permission: 'alarm:off', audit: 'limits.profile_change' }, schema: { summary: 'The next version of a profile; stays keep the one that was chosen for them', tags: ['alarms'], params: Params, body: LimitProfileChange, response: { 200: LimitProfile, '4xx': Problem } } },
    async (request) => {
      const { wardId, profileId } = request.params
      const profile = await limitProfiles.change(wardId, profileId, request.body, actorOf(request))
      request.subject = { wardId, detail: { ...request.body, profileId } }
      return profile
    },
  )
  app.post(
    '/wards/:wardId/limit-profiles/:profileId/retirement',
    { config: { permission: 'alarm:off', audit: 'limits.profile_retire' }, schema: { summary: 'Nobody may choose it any more; stays that have it keep it', tags: ['alarms'], params: Params, body: LimitProfileEnd, response: { 200: LimitProfileHistory, '4xx': Problem } } },
    async (request) => {
      const { wardId, profileId } = request.params
      const history = await limitProfiles.retire(wardId, profileId, request.body, actorOf(request))
      request.subject = { wardId, detail: { ...request.body, profileId } }
      return history
    },
  )
}
