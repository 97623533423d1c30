import type { WardScope } from '@vigil/contract'
import { type Database, one } from '../../db/database.ts'
import { iso } from '../../iso.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { countWhenAsked, type Found, pageOf } from '../store/pages.ts'
import { keyset, Where } from '../store/where.ts'
import type { SubscriptionFacts } from './subscription.ts'

/** Kind of the outbound target a subscription goes by. */
export const FHIR_TARGET = 'fhir'

export interface WatchedSubscription extends SubscriptionFacts {
  readonly wards: WardScope
  readonly awayTries: number
}

interface Row {
  readonly id: string
  readonly criteria: string
  readonly reason: string
  readonly version: number
  readonly changed_at: number
  readonly looked_until: number
  readonly error: string | null
  readonly settings: { readonly url: string; readonly payload: string }
  readonly wards: string[] | null
  readonly enabled: boolean
  readonly away_tries: number
  readonly why: string | null
  readonly cursor_key: string
}

const COLUMNS = 'f.id, f.criteria, f.reason, f.version, f.changed_at, f.looked_until, f.error, t.settings, t.wards, t.enabled, t.away_tries, t.why'
const FROM = `fhir_subscription f join outbound_target t on t.id = f.id`

export async function findSubscriptions(database: Database, asked: Asked, cursor: Cursor | undefined, ids: readonly string[] | undefined): Promise<Found<SubscriptionFacts>> {
  const where = new Where()
  if (ids) where.addAny('f.id', ids, 'uuid')
  const total = await countWhenAsked(database, asked, FROM, where)
  const { key, rest } = keyset(where, { by: 'f.id', type: 'uuid', id: 'f.id', idType: 'uuid', descending: asked.sort?.descending ?? false, cursor, limit: asked.count })
  return pageOf(await database.query<Row>(`select ${COLUMNS}, ${key} from ${FROM} ${rest}`, where.values), asked.count, total, toFacts)
}

export async function isDeleted(database: Database, id: string): Promise<boolean> {
  return (await one(database, 'select 1 from fhir_subscription where id = $1 and deleted_at is not null', [id])) !== undefined
}

export async function watchedSubscriptions(database: Database): Promise<readonly WatchedSubscription[]> {
  const rows = await database.query<Row>(`select ${COLUMNS}, '' as cursor_key from ${FROM} where t.enabled order by f.id`)
  return rows.map((row) => ({ ...toFacts(row), wards: row.wards, awayTries: row.away_tries }))
}

export async function addSubscription(database: Database, { id, criteria, reason, changedMs }: Pick<SubscriptionFacts, 'id' | 'criteria' | 'reason' | 'changedMs'>): Promise<void> {
  await database.query('insert into fhir_subscription (id, criteria, reason, changed_at, looked_until) values ($1, $2, $3, $4, $4)', [id, criteria, reason, iso(changedMs)])
}

/** False when it is not there. Its line goes with the target. */
export async function deleteSubscription(database: Database, id: string, atMs: number): Promise<boolean> {
  const rows = await database.query('update fhir_subscription set deleted_at = $2, changed_at = $2, version = version + 1 where id = $1 and deleted_at is null returning id', [id, iso(atMs)])
  return rows.length > 0
}

export async function noteLooked(database: Database, id: string, untilMs: number): Promise<void> {
  await database.query('update fhir_subscription set looked_until = greatest(looked_until, $2) where id = $1', [id, iso(untilMs)])
}

export async function switchOff(database: Database, id: string, why: string, atMs: number): Promise<void> {
  await database.transaction(async (queries) => {
    await queries.query('update outbound_target set enabled = false where id = $1', [id])
    await queries.query('update fhir_subscription set error = $2, changed_at = $3, version = version + 1 where id = $1', [id, why, iso(atMs)])
  })
}

/** How many deliveries in a row, the newest ones, the endpoint did not take. */
export async function refusedInARow(database: Database, id: string, most: number): Promise<number> {
  const rows = await database.query<{ state: string }>(`select state from outbound_delivery where target_id = $1 and state <> 'waiting' order by no desc limit $2`, [id, most])
  const taken = rows.findIndex(({ state }) => state === 'delivered')
  return taken < 0 ? rows.length : taken
}

function toFacts({ id, criteria, reason, version, changed_at, looked_until, error, settings, enabled, away_tries, why }: Row): SubscriptionFacts {
  return { id, criteria, reason, endpoint: settings.url, payload: settings.payload, version, changedMs: changed_at, lookedUntilMs: looked_until, isOn: enabled, isFailing: away_tries > 0, error: error ?? why }
}
