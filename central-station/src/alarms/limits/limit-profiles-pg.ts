import { AppError, type LimitProfile, type LimitProfileHistory } from '@vigil/contract'
import type { LimitDifferences, Profile } from '@vigil/contract/alarms'
import { type Database, one, type Queries } from '../../db/database.ts'
import { iso } from '../../iso.ts'
import type { LimitProfileStore } from './limit-profiles.ts'
import { toValue } from './limits-service.ts'
import { profileGone } from './profile-gone.ts'

type What = 'made' | 'changed' | 'retired'
interface Row {
  id: string
  ward_id: string
  version: number
  what: What
  name: string
  base: Profile
  limits: LimitDifferences
  at: number
  username: string
  role: string
  reason: string
}

const VERSIONS = `select p.id, p.ward_id, v.version, v.what, v.name, v.base, v.limits, v.at, v.username, v.role, v.reason
  from limit_profile p join limit_profile_version v on v.profile_id = p.id`
const LAST = `${VERSIONS} and v.version = p.version where p.ward_id = $1`
const NEWEST = `${LAST} and p.retired_at is null`

/** One that may be chosen now. */
export async function findProfile(queries: Queries, wardId: string, profileId: string): Promise<LimitProfile | undefined> {
  const row = await newest(queries, wardId, profileId)
  return row && toProfile(row)
}

const newest = (queries: Queries, wardId: string, profileId: string) => one<Row>(queries, `${NEWEST} and p.id = $2`, [wardId, profileId])

export function createLimitProfileStore(database: Database): LimitProfileStore {
  return {
    find: (wardId, profileId) => findProfile(database, wardId, profileId),
    list: async (wardId, retired) => (await database.query<Row>(`${LAST} and (p.retired_at is not null) = $2 order by lower(p.name), p.id`, [wardId, retired])).map(toProfile),
    async history(wardId, profileId) {
      const rows = await database.query<Row>(`${VERSIONS} where p.ward_id = $1 and p.id = $2 order by v.version desc`, [wardId, profileId])
      return rows.map((row): LimitProfileHistory['versions'][number] => ({ what: row.what, ...toProfile(row) }))
    },
    write: ({ wardId, id, seenVersion, what, body, doing }) =>
      database.transaction(async (queries) => {
        const { name, base, limits } = body ?? (await mustFind(queries, wardId, id))
        await mustBeFree(queries, wardId, id, what === 'retired' ? undefined : name)
        const version = (seenVersion ?? 0) + 1
        if (seenVersion === undefined) await queries.query('insert into limit_profile (id, ward_id, name, version) values ($1, $2, $3, $4)', [id, wardId, name, version])
        else await step(queries, { wardId, id, seenVersion, name, retiredAt: what === 'retired' ? iso(doing.atMs) : null })
        await queries.query('insert into limit_profile_version (profile_id, version, what, name, base, limits, at, username, role, reason) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
          [id, version, what, name, base, JSON.stringify(limits), iso(doing.atMs), doing.by, doing.role, doing.reason])
      }),
  }
}

async function mustFind(queries: Queries, wardId: string, id: string): Promise<{ name: string; base: Profile; limits: LimitDifferences }> {
  const row = await newest(queries, wardId, id)
  if (!row) throw profileGone()
  return row
}

/** @throws AppError ALREADY_EXISTS */
async function mustBeFree(queries: Queries, wardId: string, id: string, name: string | undefined): Promise<void> {
  // One after the other: two that take the same name at once.
  await queries.query('select 1 from ward where id = $1 for update', [wardId])
  if (name === undefined) return
  const other = await one(queries, 'select 1 from limit_profile where ward_id = $1 and lower(name) = lower($2) and id <> $3 and retired_at is null', [wardId, name, id])
  if (other) throw new AppError('ALREADY_EXISTS', `This ward has a profile called ${name} already. Change that one, or choose another name.`)
}

/** @throws AppError PROFILE_GONE, VERSION_CONFLICT */
async function step(queries: Queries, { wardId, id, seenVersion, name, retiredAt }: { wardId: string; id: string; seenVersion: number; name: string; retiredAt: string | null }): Promise<void> {
  const before = await one<{ version: number }>(queries, 'select version from limit_profile where id = $1 and ward_id = $2 and retired_at is null for update', [id, wardId])
  if (!before) throw profileGone()
  if (before.version !== seenVersion) throw new AppError('VERSION_CONFLICT', 'Somebody changed this profile meanwhile. Look again, then save.', { details: { version: before.version } })
  await queries.query('update limit_profile set version = $2, name = $3, retired_at = $4 where id = $1', [id, seenVersion + 1, name, retiredAt])
}

function toProfile({ id, ward_id, version, name, base, limits, at, username, role, reason }: Row): LimitProfile {
  const values = Object.fromEntries(Object.entries(limits).map(([key, limit]) => [key, toValue(limit)]))
  return { id, wardId: ward_id, version, name, base, limits: values, by: username, role, at: iso(at), reason }
}
