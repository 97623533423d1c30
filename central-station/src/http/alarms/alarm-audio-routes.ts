import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, AudioChange, AudioNow, Name, Problem, ReviewItem, ReviewList, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../../alarms/alarm-desk.ts'
import type { LateList } from '../../alarms/log/late-list.ts'
import type { Registry } from '../../registry/registry.ts'
import { may } from '../../people/caller.ts'
import { actorOf, mustCaller } from '../context.ts'

/** The sound of a stay or a ward. */
export const alarmAudioRoutes: FastifyPluginAsyncTypebox<{ alarms: AlarmDesk; registry: Registry }> = async (app, { alarms, registry }) => {
  app.put(
    '/stays/:stayId/audio',
    {
      config: { permission: 'alarm:pause', audit: 'alarm.audio' },
      schema: { summary: 'Pause, switch off or resume the sound of one stay', description: 'A pause ends by itself and with a new or worse condition. `off` needs a reason and the right `alarm:off`.', tags: ['alarms'], params: Type.Object({ stayId: Uuid }), body: AudioChange, response: { 200: AudioNow, '4xx': Problem } },
    },
    async (request) => {
      const { stayId } = request.params
      if (request.body.mode === 'off') {
        if (!may(mustCaller(request), 'alarm:off')) throw new AppError('FORBIDDEN', 'Your role may pause the sound, not switch it off. Ask the charge nurse.', { details: { permission: 'alarm:off' } })
        if ((request.body.reason ?? '').trim().length < 3) throw new AppError('INVALID_REQUEST', 'Say why the sound is switched off: everybody will read it on the screen.', { details: { field: 'reason' } })
      }
      request.subject = { stayId, ...patientOf(registry, stayId), detail: { ...request.body } }
      return alarms.changeAudio([stayId], request.body, actorOf(request))
    },
  )
  const ward = { tags: ['alarms'], params: Type.Object({ wardId: Name }), response: { 200: Type.Object({ stays: Type.Integer() }), '4xx': Problem } }
  const watchedOf = (wardId: string) => {
    if (!registry.now().wards.has(wardId)) throw new AppError('NOT_FOUND', `There is no ward ${wardId}.`)
    return registry.now().world.stays.filter((stay) => stay.wardId === wardId && stay.link).map((stay) => stay.id)
  }
  app.post(
    '/wards/:wardId/audio-pause',
    { config: { permission: 'alarm:pause-ward', audit: 'alarm.pause_ward' }, schema: { ...ward, summary: 'Pause the sound of a whole ward for two minutes' } },
    async (request) => {
      const { wardId } = request.params
      const watched = watchedOf(wardId)
      if (watched.length > 0) await alarms.changeAudio(watched, { mode: 'paused' }, actorOf(request))
      request.subject = { wardId, detail: { stays: watched.length } }
      return { stays: watched.length }
    },
  )
  app.delete(
    '/wards/:wardId/audio-pause',
    { config: { permission: 'alarm:pause-ward', audit: 'alarm.resume_ward' }, schema: { ...ward, summary: 'Switch the sound of a ward on again before its pause is over', description: 'A sound that somebody switched off stays off.' } },
    async (request) => {
      const { wardId } = request.params
      const paused = watchedOf(wardId).filter((id) => alarms.audioOf(id).mode === 'paused')
      if (paused.length > 0) await alarms.changeAudio(paused, { mode: 'on' }, actorOf(request))
      request.subject = { wardId, detail: { stays: paused.length } }
      return { stays: paused.length }
    },
  )
}

/** What crossed a limit in data that came late. */
export const lateRoutes: FastifyPluginAsyncTypebox<{ lateList: LateList }> = async (app, { lateList }) => {
  app.get(
    '/alarm-reviews',
    { config: { permission: 'ward:read', audit: false, scope: 'filtered' }, schema: { summary: 'What crossed a limit in data that came late, not yet seen by anybody', tags: ['alarms'], querystring: Type.Object({ ward: Type.Optional(Name), stay: Type.Optional(Uuid) }, { additionalProperties: false }), response: { 200: ReviewList, '4xx': Problem } } },
    (request) => lateList.unseen(request.query, mustCaller(request).wards),
  )
  app.post(
    '/alarm-reviews/:reviewId/seen',
    { config: { permission: 'alarm:acknowledge', audit: 'alarm.review_seen' }, schema: { summary: 'Take one late crossing off the list', tags: ['alarms'], params: Type.Object({ reviewId: Uuid }), response: { 200: ReviewItem, '4xx': Problem } } },
    async (request) => {
      const item = await lateList.seen(request.params.reviewId, actorOf(request).username)
      request.subject = { stayId: item.stayId, detail: { condition: item.condition, from: item.from, to: item.to } }
      return item
    },
  )
}

function patientOf(registry: Registry, stayId: string): { patientId?: string } {
  const patient = registry.now().stays.get(stayId)?.patient
  return patient ? { patientId: patient.id } : {}
}
