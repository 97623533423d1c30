import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Acknowledgement, Alarm, AlarmEventList, AlarmList, AlarmQuery, AppError, HandingOver, Problem, TakerList, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import type { Users } from '../people/users.ts'
import { actorOf, mustCaller } from './context.ts'

/** Alarms: the list, what a person does to one, and the life of an alarm. */
export const alarmRoutes: FastifyPluginAsyncTypebox<{ alarms: AlarmDesk; users: Users }> = async (app, { alarms, users }) => {
  app.get(
    '/alarms',
    { config: { permission: 'ward:read', audit: false, scope: 'filtered' }, schema: { summary: 'Alarms, worst first, with proof that they are watched', tags: ['alarms'], querystring: AlarmQuery, response: { 200: AlarmList, '4xx': Problem } } },
    (request) => alarms.list(request.query, mustCaller(request).wards),
  )
  app.get(
    '/alarms/:alarmId/events',
    { config: { permission: 'patient:read', audit: 'alarm.read' }, schema: { summary: 'The life of one alarm', tags: ['alarms'], params: Type.Object({ alarmId: Uuid }), response: { 200: AlarmEventList, '4xx': Problem } } },
    async (request) => {
      const list = await alarms.events(request.params.alarmId)
      request.subject = { ...subjectOf(list.alarm), detail: { alarmId: list.alarm.id } }
      return list
    },
  )
  app.post(
    '/alarms/:alarmId/acknowledgement',
    {
      config: { permission: 'alarm:acknowledge', audit: 'alarm.acknowledge' },
      schema: {
        summary: 'Acknowledge one alarm',
        description: 'Names the `version` that was seen. 409 `ALARM_CHANGED` with the new value when it became worse meanwhile. No other alarm is touched.',
        tags: ['alarms'], params: Type.Object({ alarmId: Uuid }), body: Acknowledgement, response: { 200: Alarm, '4xx': Problem },
      },
    },
    async (request) => {
      const alarm = await alarms.acknowledge(request.params.alarmId, request.body, actorOf(request))
      const { seenVersion, note } = request.body
      request.subject = { ...subjectOf(alarm), detail: { alarmId: alarm.id, condition: alarm.condition, seenVersion, ...(note === undefined ? {} : { note }) } }
      return alarm
    },
  )
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
      request.subject = { ...subjectOf(alarm), detail: { alarmId: alarm.id, condition: alarm.condition, from: before.acknowledgedBy, to, ...(note === undefined ? {} : { note }) } }
      return alarm
    },
  )
  app.post(
    '/stays/:stayId/patient-call',
    {
      config: { permission: 'patient:read', audit: 'alarm.patient_call' },
      schema: { summary: 'The patient feels unwell and calls', description: 'Raises a high alarm that escalates like any other and is over when somebody answers it. Calling again while one is open changes nothing.', tags: ['alarms'], params: Type.Object({ stayId: Uuid }), response: { 201: Alarm, '4xx': Problem } },
    },
    async (request, reply) => {
      const alarm = await alarms.call(request.params.stayId)
      request.subject = { ...subjectOf(alarm), detail: { alarmId: alarm.id } }
      return reply.code(201).send(alarm)
    },
  )
}

function subjectOf(alarm: Alarm) {
  const { stayId, patient, deviceId, wardId } = alarm
  return { ...(stayId === undefined ? {} : { stayId }), ...(patient === undefined ? {} : { patientId: patient.id }), ...(deviceId === undefined ? {} : { deviceId }), ...(wardId === undefined ? {} : { wardId }) }
}
