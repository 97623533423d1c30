import { randomBytes } from 'node:crypto'
import { AppError, type Clock } from '@vigil/contract'
import type { Database } from '../../db/database.ts'
import { uuidv7 } from '../../ids.ts'
import type { AddressGuard } from '../../outbound/address-guard.ts'
import type { Seal } from '@vigil/program'
import type { TargetStore } from '../../outbound/targets.ts'
import type { Caller } from '../../people/caller.ts'
import type { Asking, FhirType } from '../fhir-type.ts'
import { type FhirResource, isUuid } from '../resources/resource.ts'
import { readAsked } from '../search/asked.ts'
import { typeFromRows } from '../types/from-rows.ts'
import { addSubscription, deleteSubscription, FHIR_TARGET, findSubscriptions, isDeleted } from './subscription-store-pg.ts'
import { readSubscription, subscriptionOf } from './subscription.ts'

export interface SubscriptionsOptions {
  readonly database: Database
  readonly targets: TargetStore
  readonly guard: AddressGuard
  readonly seal: Seal
  readonly clock: Clock
}

export interface Subscriptions {
  readonly type: FhirType
  /** The key of its signatures is in this answer and nowhere else. @throws AppError INVALID_REQUEST, OUTBOUND_ADDRESS, FORBIDDEN */
  create(body: unknown, by: Caller, asking: Asking, types: ReadonlyMap<string, FhirType>): Promise<FhirResource>
  /** @throws AppError NOT_FOUND, GONE */
  remove(id: string): Promise<void>
}

/** Rest-hooks of FHIR R4, through the line everything goes out by. */
export function createSubscriptions({ database, targets, guard, seal, clock }: SubscriptionsOptions): Subscriptions {
  const rowType = typeFromRows({
    type: 'Subscription', permission: 'integration:write', profiles: [], params: [], sorts: ['_id'], includes: [], revincludes: [],
    find: (asked, cursor, { ids }) => findSubscriptions(database, asked, cursor, ids),
    toResource: (facts) => subscriptionOf(facts),
  })
  const assertThere = async (id: string): Promise<void> => {
    if (isUuid(id) && (await isDeleted(database, id))) throw new AppError('GONE', `Subscription/${id} was deleted.`)
  }
  return {
    type: {
      ...rowType,
      async read(id, asking) {
        await assertThere(id)
        return rowType.read(id, asking)
      },
    },
    async create(body, by, asking, types) {
      const { criteria, reason, endpoint, payload, headers } = readSubscription(body)
      assertSearch(criteria, types, asking)
      await guard.resolve(new URL(endpoint).hostname)
      const [id, nowMs, key] = [uuidv7(clock.now()), clock.now(), `whsec_${randomBytes(32).toString('base64url')}`]
      await targets.add({ id, kind: FHIR_TARGET, name: `fhir/${id}`, settings: { url: endpoint, payload }, secret: seal.seal(JSON.stringify({ key, headers })), events: [], wards: by.wards, createdAtMs: nowMs, createdBy: by.username })
      await addSubscription(database, { id, criteria, reason, changedMs: nowMs })
      return subscriptionOf({ id, criteria, reason, endpoint, payload, version: 1, changedMs: nowMs, lookedUntilMs: nowMs, isOn: true, isFailing: false, error: null }, key)
    },
    async remove(id) {
      await assertThere(id)
      if (!isUuid(id) || !(await deleteSubscription(database, id, clock.now()))) throw new AppError('NOT_FOUND', `There is no Subscription/${id}.`)
      await targets.remove(id)
    },
  }
}

/** A search that this caller could make, with nothing in it that would be ignored. @throws AppError INVALID_REQUEST, FORBIDDEN */
function assertSearch(criteria: string, types: ReadonlyMap<string, FhirType>, asking: Asking): void {
  const { type, pairs } = readCriteria(criteria, types)
  if (!asking.may(type.permission)) throw new AppError('FORBIDDEN', `Being told of ${type.type} takes the right ${type.permission}.`, { details: { permission: type.permission } })
  readAsked(pairs, type, true)
}

/** @throws AppError INVALID_REQUEST */
export function readCriteria(criteria: string, types: ReadonlyMap<string, FhirType>): { readonly type: FhirType; readonly pairs: [string, string][] } {
  const [name = '', query = ''] = criteria.split('?')
  const type = types.get(name)
  if (!type || ['Subscription', 'AuditEvent', 'DeviceMetric'].includes(name)) throw new AppError('INVALID_REQUEST', `Nobody can be told of ${name}.`)
  return { type, pairs: [...new URLSearchParams(query)] }
}
