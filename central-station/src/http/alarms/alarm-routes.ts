import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Acknowledgement, Alarm, AlarmEventList, AlarmList, AlarmQuery, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../../alarms/alarm-desk.ts'
import { field } from '../../iso.ts'
import { actorOf, mustCaller } from '../context.ts'

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
      request.subject = entryOf(list.alarm)
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
      request.subject = entryOf(alarm, { condition: alarm.condition, seenVersion, ...field('note', note) })
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
      request.subject = entryOf(alarm)
      return reply.code(201).send(alarm)
    },
  )
}

/** What the audit says of something done to an alarm: whom it is about, which alarm, and what else there is to say. */
export function entryOf({ id, stayId, patient, deviceId, wardId }: Alarm, more: Readonly<Record<string, unknown>> = {}) {
  return { ...field('stayId', stayId), ...field('patientId', patient?.id), ...field('deviceId', deviceId), ...field('wardId', wardId), detail: { alarmId: id, ...more } }
}
