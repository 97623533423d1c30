import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import type { Ihp } from '../../sources/ihp.ts'

const Params = Type.Object({ patientId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }) })
const Register = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100 }), surname: Type.String({ minLength: 1, maxLength: 100 }), birthDate: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}' }), sex: Type.String({ maxLength: 20 }) },
  { description: 'A patient as the receiver for IHP registers one' },
)
const read = (audit: string) => ({ permission: 'history:read', audit, scope: 'house' }) as const
const hide = { hide: true } as const

/** The interface of the HL7 receiver for IHP, for front ends written for it. Opt-in; sign-in, rights and audit are ours. */
export const ihpRoutes: FastifyPluginAsyncTypebox<{ ihp: Ihp }> = async (app, { ihp }) => {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))
  app.get('/documents', { config: read('ihp.documents'), schema: hide }, async (request) => {
    const documents = await ihp.documents()
    request.subject = { detail: { found: documents.map(({ PatientInfo }) => PatientInfo.PatientID) } }
    return documents
  })
  app.get('/analytics/:patientId', { config: read('ihp.analytics'), schema: { ...hide, params: Params } }, (request) => {
    request.subject = { detail: { number: request.params.patientId } }
    return ihp.document(request.params.patientId)
  })
  app.post('/register', { config: { permission: 'patient:write', audit: 'ihp.register', scope: 'house' }, schema: { ...hide, body: Register } }, async (request, reply) => {
    const { id, number } = await ihp.register(request.body)
    request.subject = { patientId: id, detail: { number } }
    return reply.code(201).send({ message: `Patient n°${number} registered successfully` })
  })
  // There, a listener had to be started for each patient. Here it always listens: the answers are those a front end waits for.
  const answer = (message: string) => async () => ({ message })
  app.get('/recording/stop', { config: read('ihp.recording'), schema: hide }, answer('Recording ended'))
  for (const method of ['GET', 'POST'] as const) {
    app.route({ method, url: '/recording/:patientId', config: read('ihp.recording'), schema: { ...hide, params: Params }, handler: answer('Recording started') })
  }
}
