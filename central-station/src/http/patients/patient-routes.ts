import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LookList, LookQuery, NewPatient, Patient, PatientChange, PatientList, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Looks } from '../../audit/looks.ts'
import type { Patients } from '../../patients/patients.ts'
import { mustCaller } from '../context.ts'

const Params = Type.Object({ patientId: Uuid })
const Query = Type.Object({ q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of a name, or the beginning of a hospital number' })) }, { additionalProperties: false })

/** People who are or were patients. */
export const patientRoutes: FastifyPluginAsyncTypebox<{ patients: Patients; looks: Looks }> = async (app, { patients, looks }) => {
  app.get(
    '/patients',
    { config: { permission: 'patient:read', audit: 'patient.search', scope: 'filtered' }, schema: { summary: 'Find patients', tags: ['patients'], querystring: Query, response: { 200: PatientList, '4xx': Problem } } },
    async (request) => {
      const found = await patients.search(request.query.q ?? '', mustCaller(request).wards)
      request.subject = { detail: { found: found.patients.map((patient) => patient.id) } }
      return found
    },
  )
  app.post(
    '/patients',
    { config: { permission: 'patient:write', audit: 'patient.add', scope: 'none' }, schema: { summary: 'Add a patient', tags: ['patients'], body: NewPatient, response: { 201: Patient, '4xx': Problem } } },
    async (request, reply) => {
      const patient = await patients.add(request.body)
      request.subject = { patientId: patient.id }
      return reply.code(201).send(patient)
    },
  )
  app.get(
    '/patients/:patientId',
    { config: { permission: 'patient:read', audit: 'patient.read' }, schema: { summary: 'One patient', tags: ['patients'], params: Params, response: { 200: Patient, '4xx': Problem } } },
    async (request) => {
      request.subject = { patientId: request.params.patientId }
      return patients.get(request.params.patientId)
    },
  )
  app.get(
    '/patients/:patientId/looks',
    { config: { permission: 'glass:read', audit: 'audit.looks' }, schema: { summary: 'Who looked at this patient\'s data', description: 'From the audit, one entry for each person and hour; who had opened the ward in an emergency comes first. A look at the whole ward names no patient and is in the audit of the ward.', tags: ['patients'], params: Params, querystring: LookQuery, response: { 200: LookList, '4xx': Problem } } },
    async (request) => {
      request.subject = { patientId: request.params.patientId }
      return looks.of(request.params.patientId, request.query)
    },
  )
  app.patch(
    '/patients/:patientId',
    { config: { permission: 'patient:write', audit: 'patient.change' }, schema: { summary: 'Change a patient', tags: ['patients'], params: Params, body: PatientChange, response: { 200: Patient, '4xx': Problem } } },
    async (request) => {
      request.subject = { patientId: request.params.patientId, detail: { fields: Object.keys(request.body).filter((name) => name !== 'version') } }
      return patients.change(request.params.patientId, request.body)
    },
  )
}
