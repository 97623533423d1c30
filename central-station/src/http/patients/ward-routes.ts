import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Name, Problem, SoundFloor, Ward, WardList, WardTrend } from '@vigil/contract'
import Type from 'typebox'
import type { WardReads } from '../../audit/ward-reads.ts'
import type { Wards } from '../../wards/wards.ts'
import { actorOf, mustCaller } from '../context.ts'
import { within } from '../scope.ts'

/** Beds with stay, device, newest values and freshness. Answered from memory: works while PostgreSQL is away. */
export const wardRoutes: FastifyPluginAsyncTypebox<{ wards: Wards; reads: WardReads }> = async (app, { wards, reads }) => {
  app.get(
    '/wards',
    { config: { permission: 'ward:read', audit: false, scope: 'filtered' }, schema: { summary: 'All wards with their beds', tags: ['wards'], response: { 200: WardList, '4xx': Problem } } },
    async (request) => {
      const list = { wards: within(mustCaller(request), wards.list().wards, (ward) => ward.id) }
      await reads.look(actorOf(request), { session: request.caller?.id ?? '', wards: list.wards.map((ward) => ward.id) })
      return list
    },
  )
  app.get(
    '/wards/:wardId',
    {
      config: { permission: 'ward:read', audit: false },
      schema: { summary: 'One ward with its beds', tags: ['wards'], params: Type.Object({ wardId: Name }), response: { 200: Ward, '4xx': Problem } },
    },
    async (request) => {
      const ward = wards.get(request.params.wardId)
      await reads.look(actorOf(request), { session: request.caller?.id ?? '', wards: [ward.id] })
      return ward
    },
  )
  app.get(
    '/wards/:wardId/trend',
    {
      config: { permission: 'ward:read', audit: false },
      schema: { summary: 'The last quarter of an hour of every bed, with the limits in force; from memory, which a restart of the station fills from what was stored', tags: ['wards'], params: Type.Object({ wardId: Name }), response: { 200: WardTrend, '4xx': Problem } },
    },
    async (request) => {
      const trend = wards.trend(request.params.wardId)
      await reads.look(actorOf(request), { session: request.caller?.id ?? '', wards: [request.params.wardId] })
      return trend
    },
  )
  app.put(
    '/wards/:wardId/sound-floor',
    { config: { permission: 'alarm:pause-ward', audit: 'ward.sound_floor' }, schema: { summary: 'Say how quiet screens that listen to a ward may be at most', tags: ['wards'], params: Type.Object({ wardId: Name }), body: SoundFloor, response: { 200: SoundFloor, '4xx': Problem } } },
    async (request) => {
      const { wardId } = request.params
      const { percent } = request.body
      const before = await wards.setSoundFloor(wardId, percent)
      request.subject = { wardId, detail: { before, percent } }
      return { percent }
    },
  )
}
