import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Acknowledgement, Alarm, AlarmEventList, AlarmList, AlarmQuery, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import { actorOf, mustCaller } from './context.ts'

/** Alarms: the list, what a person does to one, and the life of an alarm. */
export const alarmRoutes: FastifyPluginAsyncTypebox<{ alarms: AlarmDesk }> = async (app, { alarms }) => {
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

/** What the audit says an alarm is about. */
export function subjectOf(alarm: Alarm) {
  const { stayId, patient, deviceId, wardId } = alarm
  return { ...(stayId === undefined ? {} : { stayId }), ...(patient === undefined ? {} : { patientId: patient.id }), ...(deviceId === undefined ? {} : { deviceId }), ...(wardId === undefined ? {} : { wardId }) }
}
