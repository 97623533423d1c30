import type { FastifyInstance } from 'fastify'
import { mustCaller } from '../context.ts'
import { askingOf } from './answers.ts'
import { baseOf } from './negotiation.ts'
import type { FhirRoutesOptions } from './options.ts'

/** The one thing that can be written: who is told of what. */
export function subscriptionRoutes(app: FastifyInstance, { fhir, clock }: FhirRoutesOptions): void {
  app.post('/Subscription', { config: { permission: 'integration:write', audit: 'fhir.subscribe' }, schema: { hide: true } }, async (request, reply) => {
    const made = await fhir.subscribe(request.body, mustCaller(request), askingOf(request, clock))
    request.subject = { detail: { resource: `Subscription/${made.id}`, criteria: made['criteria'] } }
    return reply.code(201).header('location', `${baseOf(request)}/Subscription/${made.id}/_history/${made.meta.versionId}`).header('etag', `W/"${made.meta.versionId}"`).send(made)
  })
  app.delete<{ Params: { id: string } }>('/Subscription/:id', { config: { permission: 'integration:write', audit: 'fhir.unsubscribe' }, schema: { hide: true } }, async (request, reply) => {
    await fhir.unsubscribe(request.params.id)
    request.subject = { detail: { resource: `Subscription/${request.params.id}` } }
    return reply.code(204).send()
  })
}
