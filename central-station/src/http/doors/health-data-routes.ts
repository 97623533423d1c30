import { createGunzip } from 'node:zlib'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError, HealthData, HealthImportList, HealthImportReport, HealthQuery, HealthSource, HealthSourceCreated, HealthSourceList, NewHealthSource, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { HealthImports } from '../../health-data/health-imports.ts'
import type { HealthReadings } from '../../health-data/health-readings.ts'
import { actorOf } from '../context.ts'

const Params = Type.Object({ patientId: Uuid })
const SourceParams = Type.Object({ patientId: Uuid, sourceId: Uuid })

interface HealthServices {
  readonly healthImports: HealthImports
  readonly healthReadings: HealthReadings
}

/** What a person's phone and watch tell: which phones may, what they sent, and what it says. */
export const healthDataRoutes: FastifyPluginAsyncTypebox<HealthServices> = async (app, { healthImports, healthReadings }) => {
  app.get(
    '/patients/:patientId/health',
    {
      config: { permission: 'history:read', audit: 'health.read' },
      schema: { summary: "What a person's phone and watch told", description: 'Days begin at the person\'s own midnight. Not measured at the bedside.', tags: ['health data'], params: Params, querystring: HealthQuery, response: { 200: HealthData, '4xx': Problem } },
    },
    async (request) => {
      const { patientId } = request.params
      request.subject = { patientId, detail: { ...request.query } }
      return healthReadings.read(patientId, request.query)
    },
  )
  app.get(
    '/patients/:patientId/health-imports',
    { config: { permission: 'history:read', audit: false }, schema: { summary: 'The last imports: what came, what was refused and why', tags: ['health data'], params: Params, response: { 200: HealthImportList, '4xx': Problem } } },
    (request) => healthImports.imports(request.params.patientId),
  )
  app.get(
    '/patients/:patientId/health-sources',
    { config: { permission: 'patient:read', audit: false }, schema: { summary: 'Phones that may send for a person', tags: ['health data'], params: Params, response: { 200: HealthSourceList, '4xx': Problem } } },
    (request) => healthImports.sources(request.params.patientId),
  )
  app.post(
    '/patients/:patientId/health-sources',
    {
      config: { permission: 'patient:write', audit: 'health.source_add' },
      schema: { summary: 'Let a phone send for a person; its token is in this answer and nowhere else', tags: ['health data'], params: Params, body: NewHealthSource, response: { 201: HealthSourceCreated, '4xx': Problem } },
    },
    async (request, reply) => {
      const { patientId } = request.params
      const created = await healthImports.addSource(patientId, request.body, actorOf(request).username)
      request.subject = { patientId, detail: { sourceId: created.id, label: created.label } }
      return reply.code(201).send(created)
    },
  )
  app.delete(
    '/patients/:patientId/health-sources/:sourceId',
    {
      config: { permission: 'patient:write', audit: 'health.source_end' },
      schema: { summary: "End a phone's token; what it sent stays", tags: ['health data'], params: SourceParams, response: { 200: HealthSource, '4xx': Problem } },
    },
    async (request) => {
      const { patientId, sourceId } = request.params
      request.subject = { patientId, detail: { sourceId } }
      return healthImports.revoke(patientId, sourceId)
    },
  )
  await app.register(importRoute, { healthImports })
}

/** The body is read as it comes, never whole; so no parser of the server may touch it. */
const importRoute: FastifyPluginAsyncTypebox<{ healthImports: HealthImports }> = async (app, { healthImports }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.post(
    '/import/health-auto-export',
    {
      // The token of the phone is the sign-in; what came of it is written by the service, which knows the person.
      config: { permission: 'public', audit: false, auditedBy: 'its service' },
      schema: {
        summary: 'Take an export of the app Health Auto Export',
        description: 'JSON of its REST API automation, up to 64 MiB, also compressed with gzip. The token of the person\'s phone as `Authorization: Bearer`, `api-key` or `x-api-key`. Rows that cannot be taken are counted with their reason; the others are committed before the answer. Sending again changes nothing.',
        tags: ['health data'],
        response: { 200: HealthImportReport, '4xx': Problem },
      },
    },
    (request) => healthImports.take({ token: tokenOf(request), head: headOf(request), body: bodyOf(request), ...originOf(request) }),
  )
}

function originOf(request: FastifyRequest): { origin: string; requestId: string } {
  const { origin, requestId } = actorOf(request)
  return { origin, requestId }
}

function tokenOf({ headers }: FastifyRequest): string {
  const [given] = [headers['api-key'], headers['x-api-key'], /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]].filter((token) => typeof token === 'string')
  return typeof given === 'string' ? given : ''
}

const HEADERS = { automation: 'automation-name', automationId: 'automation-id', aggregation: 'automation-aggregation', period: 'automation-period', session: 'session-id' } as const

function headOf({ headers }: FastifyRequest): Record<string, string> {
  const said = Object.entries(HEADERS).map(([name, header]) => [name, headers[header]] as const)
  return Object.fromEntries(said.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value.slice(0, 100)]] : [])))
}

function bodyOf({ headers, body }: FastifyRequest): AsyncIterable<Uint8Array> {
  const encoding = headers['content-encoding'] ?? 'identity'
  const stream = body as NodeJS.ReadableStream | undefined
  if (!stream) throw new AppError('MALFORMED_JSON', 'The body is empty.')
  if (encoding === 'identity') return stream as AsyncIterable<Uint8Array>
  if (encoding === 'gzip') return unpacked(stream)
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is or compressed with gzip.')
}

async function* unpacked(packed: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  packed.on('error', (error) => gunzip.destroy(error as Error))
  try {
    for await (const piece of packed.pipe(gunzip)) yield piece as Uint8Array
  } catch (cause) {
    throw new AppError('MALFORMED_JSON', 'The body is not whole, or not compressed with gzip as it says. What came before is stored.', { cause })
  }
}
