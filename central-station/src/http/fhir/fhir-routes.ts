import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '@vigil/contract'
import type { FhirType } from '../../fhir/fhir-type.ts'
import { searchset } from '../../fhir/resources/bundle.ts'
import { isFhirId } from '../../fhir/resources/resource.ts'
import { readAsked, wrong } from '../../fhir/search/asked.ts'
import { readCursor } from '../../fhir/search/cursor.ts'
import { askedDetail, askingOf, linkTo, narrowed, pairsOf, queryOf, sendResource, subjectOf } from './answers.ts'
import { baseOf, isStrict, negotiate } from './negotiation.ts'
import { operationRoutes } from './operation-routes.ts'
import type { FhirRoutesOptions } from './options.ts'
import { subscriptionRoutes } from './subscription-routes.ts'

/** FHIR R4: read, search and the operations, for every kind of resource in the list. Errors are OperationOutcomes everywhere below. */
export async function fhirRoutes(app: FastifyInstance, options: FhirRoutesOptions): Promise<void> {
  const { fhir } = options
  app.removeContentTypeParser(['application/json'])
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.addContentTypeParser(['application/fhir+json', 'application/json'], { parseAs: 'string' }, (_request, body, done) => parseJson(String(body), done))
  app.addHook('preHandler', async (request, reply) => {
    const form = typeof request.body === 'string' ? new URLSearchParams(request.body).get('_format') : null
    void reply.type(negotiate(request.headers.accept, form ?? new URLSearchParams(queryOf(request)).get('_format') ?? undefined)).header('cache-control', 'no-store')
  })
  app.get('/metadata', { config: { permission: 'public', audit: false }, schema: { hide: true } }, (request, reply) => reply.send(fhir.capability(baseOf(request))))
  operationRoutes(app, options)
  subscriptionRoutes(app, options)
  for (const type of fhir.types) typeRoutes(app, type, options)
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/*',
    config: { permission: 'public', audit: false, auditedBy: 'nobody' },
    schema: { hide: true },
    handler: async () => {
      throw new AppError('METHOD_NOT_ALLOWED', 'This cannot be written by FHIR; /fhir/metadata says what can.')
    },
  })
}

function parseJson(text: string, done: (error: Error | null, body?: unknown) => void): void {
  try {
    done(null, JSON.parse(text))
  } catch (error) {
    done(new AppError('MALFORMED_JSON', 'The body is not JSON.', { cause: error }))
  }
}

function typeRoutes(app: FastifyInstance, type: FhirType, { fhir, clock }: FhirRoutesOptions): void {
  const { permission } = type
  const search = async (request: FastifyRequest, reply: FastifyReply, pairs: [string, string][]) => {
    const asked = readAsked(pairs, type, isStrict(request))
    const asking = askingOf(request, clock)
    const { matches, included, next, total, ignored } = await fhir.search(type.type, asked, asked.cursor === undefined ? undefined : readCursor(asked.cursor), asking)
    request.subject = subjectOf(type.type, [...matches, ...included], { asked: askedDetail(asked), found: matches.length })
    const address = `${asking.base}/${type.type}`
    return reply.send(
      searchset({
        base: asking.base, matches: matches.map((one) => narrowed(one, asked)), included, total, ignored,
        self: linkTo(address, asked.used), next: next && linkTo(address, asked.used, next),
      }),
    )
  }
  const config = { permission, audit: 'fhir.search', scope: 'filtered' } as const
  app.get(`/${type.type}`, { config, schema: { hide: true } }, (request, reply) => search(request, reply, pairsOf(queryOf(request))))
  app.post(`/${type.type}/_search`, { config, schema: { hide: true } }, (request, reply) => {
    if (request.body !== undefined && typeof request.body !== 'string') throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the parameters of a search as application/x-www-form-urlencoded.')
    return search(request, reply, [...pairsOf(queryOf(request)), ...pairsOf(request.body ?? '')])
  })
  app.get<{ Params: { id: string } }>(`/${type.type}/:id`, { config: { permission, audit: 'fhir.read', scope: 'filtered' }, schema: { hide: true } }, async (request, reply) => {
    const { id } = request.params
    if (!isFhirId(id)) throw wrong('An id has letters, digits, "-" and ".", at most 64 of them.')
    const resource = await fhir.read(type.type, id, askingOf(request, clock))
    request.subject = subjectOf(type.type, [resource], { resource: `${type.type}/${id}` })
    return sendResource(request, reply, resource)
  })
}
