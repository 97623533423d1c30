import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { statusOf } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { outcomeOf } from '../fhir/resources/outcome.ts'
import { asAppError, retryAfterSeconds, toProblem } from './problem.ts'

/** One way out for every failure: a problem with a stable code. Faults of ours are logged whole and told without detail. */
export function handleErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log))
}

export function sendProblem(failure: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const error = asAppError(failure)
  // The address may hold what somebody searched for: the pattern of the route is logged instead.
  const facts = { code: error.code, requestId: request.id, method: request.method, route: request.routeOptions.url }
  if (statusOf(error.code) >= 500) log.error({ ...facts, err: error.cause ?? error }, 'http.failed')
  else log.debug(facts, 'http.refused')
  const retryAfter = retryAfterSeconds(error)
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
  // FHIR clients understand an OperationOutcome and nothing else, also when they are refused before any route.
  if (/^\/fhir(?:[/?]|$)/.test(request.url)) {
    if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer')
    return reply.code(statusOf(error.code)).header('cache-control', 'no-store').type('application/fhir+json; charset=utf-8').send(outcomeOf(error))
  }
  return reply.code(statusOf(error.code)).header('cache-control', 'no-store').type('application/problem+json').send(toProblem(error, request.id))
}
