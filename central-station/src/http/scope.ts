import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError, type Permission } from '@vigil/contract'
import type { Audit } from '../audit/audit.ts'
import type { PlaceKind, Places } from '../people/places.ts'
import { type Caller, seesWard } from '../people/caller.ts'
import { actorOf, type Scope } from './context.ts'

/** What a name in an address, a query or a body stands for. */
export const NAMED: Readonly<Record<string, PlaceKind>> = {
  wardId: 'ward', ward: 'ward', bedId: 'bed', stayId: 'stay', stay: 'stay', patientId: 'patient', patient: 'patient', deviceId: 'device', device: 'device', newDevice: 'device', alarmId: 'alarm', reviewId: 'review', grantId: 'grant', wards: 'ward', stays: 'stay', devices: 'device', beds: 'bed',
}

/** A route that says nothing is closed: it is about what its address names, and without a name about the whole house. */
export function scopeOf({ url = '', config }: { readonly url?: string | undefined; readonly config?: { readonly scope?: Scope; readonly permission?: Permission } | undefined }): Scope {
  if (config?.scope !== undefined) return config.scope
  if (Object.keys(NAMED).some((name) => url.includes(`:${name}`))) return 'subject'
  return config?.permission === 'self' ? 'none' : 'house'
}

/** Checks every call against the wards of its caller, before its handler runs. */
export function keepToWards(app: FastifyInstance, { places, audit }: { places: Places; audit: Audit }): void {
  const wardsOf = async (named: unknown) => (await Promise.all(namedIn(named).map(([kind, id]) => places.of(kind, id)))).filter((place) => typeof place === 'string')
  const check = async (request: FastifyRequest, named: unknown) => {
    const { caller } = request
    const { permission } = request.routeOptions.config
    const scope = scopeOf(request.routeOptions)
    if (!caller || caller.wards === null || (permission ?? 'public') === 'public') return
    if (scope === 'none') return
    if (scope === 'house') throw await refuse(request, 'This is about the whole house, and you see some wards of it. Ask somebody who sees all of them.')
    for (const wardId of await wardsOf(named)) {
      if (caller.opened?.includes(wardId)) request.glassWard = wardId
      if (seesWard(caller, wardId)) continue
      throw await refuse(request, `This belongs to ward ${wardId}, which is not yours. In an emergency you can open it for a while, with a reason.`, wardId)
    }
  }
  const refuse = async (request: FastifyRequest, detail: string, wardId?: string) => {
    const { method, routeOptions } = request
    await audit.record(actorOf(request), 'access.refused', { ...(wardId === undefined ? {} : { wardId }), detail: { method, route: routeOptions.url, scope: scopeOf(routeOptions) } })
    return new AppError('OUT_OF_WARDS', detail, { details: wardId === undefined ? {} : { wardId } })
  }
  // The address before the body is judged: what lies elsewhere is refused whatever else is wrong.
  app.addHook('preValidation', async (request) => {
    await check(request, request.params)
    await check(request, request.query)
  })
  app.addHook('preHandler', (request) => check(request, request.body))
}

function namedIn(part: unknown): [PlaceKind, string][] {
  return Object.entries((part ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
    const kind = NAMED[name]
    const ids: unknown[] = Array.isArray(value) ? value : [value]
    return kind === undefined ? [] : ids.filter((id) => typeof id === 'string').map((id): [PlaceKind, string] => [kind, id])
  })
}

/** Leaves out of a list what the caller does not see. What lies in no ward stays. */
export function within<T>({ wards }: Pick<Caller, 'wards'>, list: readonly T[], wardOf: (item: T) => string | null | undefined): T[] {
  return wards === null ? [...list] : list.filter((item) => (wardOf(item) ?? null) === null || wards.includes(wardOf(item) as string))
}
