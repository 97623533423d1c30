import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Alarm, AppError, HandingOver, Problem, TakerList, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../../alarms/alarm-desk.ts'
import type { Users } from '../../people/users.ts'
import { field } from '../../iso.ts'
import { entryOf } from './alarm-routes.ts'
import { actorOf } from '../context.ts'

/** Giving an acknowledged alarm to a colleague. */
export const alarmHandoverRoutes: FastifyPluginAsyncTypebox<{ alarms: AlarmDesk; users: Users }> = async (app, { alarms, users }) => {
  const mustOpen = (id: string): Alarm => {
    const alarm = alarms.find(id)
    if (!alarm) throw new AppError('ALARM_OVER', 'This alarm is over; there is nothing left to hand over.')
    return alarm
  }
  app.get(
    '/alarms/:alarmId/takers',
    { config: { permission: 'alarm:acknowledge', audit: false }, schema: { summary: 'Who may take over this alarm', tags: ['alarms'], params: Type.Object({ alarmId: Uuid }), response: { 200: TakerList, '4xx': Problem } } },
    async (request) => ({ takers: await users.takers(mustOpen(request.params.alarmId).wardId ?? null) }),
  )
  app.post(
    '/alarms/:alarmId/handover',
    {
      config: { permission: 'alarm:acknowledge', audit: 'alarm.hand_over' },
      schema: {
        summary: 'Hand over one acknowledged alarm',
        description: 'The other person has it from then on; when it rings again is counted as before. 409 `ALARM_UNANSWERED` while nobody has it.',
        tags: ['alarms'], params: Type.Object({ alarmId: Uuid }), body: HandingOver, response: { 200: Alarm, '4xx': Problem },
      },
    },
    async (request) => {
      const { to, note } = request.body
      const before = mustOpen(request.params.alarmId)
      if (!(await users.takers(before.wardId ?? null)).some(({ username }) => username === to)) throw new AppError('NOT_FOUND', `Nobody called ${to} may answer alarms of this ward.`)
      const alarm = await alarms.handOver(request.params.alarmId, request.body, actorOf(request))
      request.subject = entryOf(alarm, { condition: alarm.condition, from: before.acknowledgedBy, to, ...field('note', note) })
      return alarm
    },
  )
}
