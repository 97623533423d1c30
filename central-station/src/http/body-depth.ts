import { AppError } from '@vigil/contract'
import type { FastifyInstance } from 'fastify'

/** More than any call of the API means; a fraction of what ends the stack of whoever checks, keeps or writes a body. */
const MOST_LEVELS = 100

/** Refuses bodies nested deeper than any call is, before anything walks through them. */
export function refuseDeepBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ body }) => {
    if (isDeep(body)) throw new AppError('INVALID_REQUEST', `The body is nested deeper than ${MOST_LEVELS} levels.`)
  })
}

/** Level by level, so that the question itself needs no stack. A body that is read as a stream is none of this. */
function isDeep(body: unknown): boolean {
  let level = [body].filter(isNest)
  for (let levels = 0; level.length > 0; levels++) {
    if (levels >= MOST_LEVELS) return true
    level = level.flatMap((nest) => Object.values(nest).filter(isNest))
  }
  return false
}

function isNest(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
}
