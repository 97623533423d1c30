import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError, type Clock, History, HistoryQuery, LookList, LookQuery, type MonitoringNow, OwnCall, OwnCare, Problem } from '@vigil/contract'
import type { AlarmDesk } from '../../alarms/alarm-desk.ts'
import type { Looks } from '../../audit/looks.ts'
import type { HistoryService } from '../../history/history.ts'
import { field, iso } from '../../iso.ts'
import type { Patients } from '../../patients/patients.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Stays } from '../../stays/stays.ts'
import type { Wards } from '../../wards/wards.ts'

export interface OwnCareOptions {
  readonly alarms: AlarmDesk
  readonly looks: Looks
  readonly history: HistoryService
  readonly patients: Patients
  readonly registry: Registry
  readonly stays: Stays
  readonly wards: Wards
  readonly clock: Clock
}

const CALL = 'patient_call'

/** Whose account it is; the audit entry is about them. @throws AppError NOT_FOUND */
export function ownPatient(request: FastifyRequest): string {
  const patientId = request.session?.account.patientId ?? null
  if (patientId === null) throw new AppError('NOT_FOUND', 'This account is no patient\'s. Open the patient from the ward instead.')
  request.subject = { patientId }
  return patientId
}

/** That nothing calls by itself meanwhile they must know; who wrote what about it is the ward's affair. */
function pauseOf(monitoring: MonitoringNow | undefined): MonitoringNow | undefined {
  return monitoring?.mode === 'paused' ? { mode: 'paused', ...field('until', monitoring.until) } : undefined
}

/** What a patient sees and does with an account of their own. Whose it is comes from the account and is never asked for. */
export const ownCareRoutes: FastifyPluginAsyncTypebox<OwnCareOptions> = async (app, { alarms, looks, history, patients, registry, stays, wards, clock }) => {
  const config = (audit: string | false) => ({ permission: 'self', audit, scope: 'none' }) as const
  const stayOf = (patientId: string) => registry.now().world.stays.find((stay) => stay.patient.id === patientId)
  const mustStay = (request: FastifyRequest) => {
    const stay = stayOf(ownPatient(request))
    if (!stay) throw new AppError('NOT_FOUND', 'You are not admitted at present.')
    request.subject = { ...request.subject, stayId: stay.id, ...field('wardId', stay.wardId) }
    return stay
  }

  app.get('/me/care', { config: config(false), schema: { summary: 'What is measured of me now', description: 'For the account of a patient.', tags: ['own'], response: { 200: OwnCare, '4xx': Problem } } }, async (request) => {
    const patientId = ownPatient(request)
    const stay = stayOf(patientId)
    if (!stay) {
      const { id, familyName, givenName = '', title = '', birthDate, sex, mode = 'real', identifier } = await patients.get(patientId)
      const patient = { id, familyName, givenName, title, mode, ...field('birthDate', birthDate), ...field('sex', sex), ...field('identifier', identifier) }
      return { patient, calling: false, serverTimeMs: clock.now() }
    }
    const ward = stay.wardId === null ? undefined : wards.get(stay.wardId)
    const bed = ward?.beds.find((one) => one.stay?.id === stay.id)
    const { alarms: open = [], audio: _audio, limitNotes: _notes, news2: _score, monitoring, ...shown } = bed ?? { id: '', label: '', latest: {}, freshness: {} }
    return { patient: stay.patient, stayId: stay.id, admittedAt: iso(stay.admittedAtMs), ...(bed ? { bed: { ...shown, ...field('monitoring', pauseOf(monitoring)) } } : {}), calling: open.some(({ condition, state }) => condition === CALL && state !== 'cleared'), serverTimeMs: clock.now() }
  })
  app.get('/me/history', { config: config('history.read'), schema: { summary: 'What was measured of me during this stay', tags: ['own'], querystring: HistoryQuery, response: { 200: History, '4xx': Problem } } }, async (request) => {
    const { id } = mustStay(request)
    request.subject = { ...request.subject, detail: { ...request.query } }
    return history.read(history.ofStay(await stays.get(id)), request.query)
  })
  app.post('/me/call', { config: config('alarm.patient_call'), schema: { summary: 'I feel unwell: call the nurse', description: 'A high alarm that escalates like any other and is over when somebody answers it.', tags: ['own'], response: { 201: OwnCall, '4xx': Problem } } }, async (request, reply) => {
    const alarm = await alarms.call(mustStay(request).id)
    request.subject = { ...request.subject, detail: { alarmId: alarm.id } }
    return reply.code(201).send({ at: alarm.announcedAt })
  })
  app.get('/me/looks', { config: config(false), schema: { summary: 'Who looked at my data', description: 'From the audit, one entry for each person and hour; who had opened the ward in an emergency comes first.', tags: ['own'], querystring: LookQuery, response: { 200: LookList, '4xx': Problem } } }, async (request) => looks.of(ownPatient(request), request.query))
}
