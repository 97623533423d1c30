import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { AppError } from '@vigil/contract'
import type { Audit } from '../audit/audit.ts'
import { may } from '../people/caller.ts'
import { actorOf } from './context.ts'

const CHANGING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Refuses to start with a route that does not say who may call it, or whether and by whom calling it is written down.
 * @throws AppError ROUTE_WITHOUT_PERMISSION
 */
export function demandPermissions(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
    const name = `${String(method)} ${url}`
    if (config?.permission === undefined) throw new AppError('ROUTE_WITHOUT_PERMISSION', `Route ${name} declares no permission.`)
    if (config.audit === false && config.auditedBy === undefined && [method].flat().some((one) => CHANGING.has(one))) throw new AppError('ROUTE_WITHOUT_PERMISSION', `Route ${name} may change something and does not say who writes that to the audit.`)
    if (config.permission !== 'public' && config.audit === undefined) throw new AppError('ROUTE_WITHOUT_PERMISSION', `Route ${name} does not say what it writes to the audit.`)
  })
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
export async function assertPermission(request: FastifyRequest, audit: Audit): Promise<void> {
  const permission = request.routeOptions.config.permission
  // Nothing at this address: the not-found answer needs no permission.
  if (permission === undefined || permission === 'public') return
  const { caller } = request
  if (!caller) throw new AppError('UNAUTHENTICATED', 'Sign in first.')
  if (may(caller, permission)) return
  if (caller.held === 'locked') throw new AppError('SCREEN_LOCKED', 'This screen is locked. Unlock it with your PIN or password.')
  if (caller.held === 'newcomer') throw new AppError('PASSWORD_FIRST', 'Your password was made for you. Choose one of your own first.')
  await audit.record(actorOf(request), 'access.refused', { detail: { method: request.method, route: request.routeOptions.url, permission } })
  const why = caller.role === 'program' ? 'This token does not allow it' : `Your role, ${caller.role}, does not allow this`
  throw new AppError('FORBIDDEN', `${why} (${permission}). Ask an administrator.`, { details: { permission } })
}
