import { AppError } from '@vigil/contract'
import { defaultStayLimits, type StayLimits } from '@vigil/contract/alarms'
import { type Database, one } from '../../db/database.ts'
import { uuidv7 } from '../../ids.ts'
import { iso } from '../../iso.ts'
import { findProfile } from './limit-profiles-pg.ts'
import type { LimitsStore } from './limits-service.ts'

export function createLimitsStore(database: Database): LimitsStore {
  return {
    profile: (wardId, profileId) => findProfile(database, wardId, profileId),
    change: (stayId, { atMs, by, role, reason }, make) =>
      database.transaction(async (queries) => {
        const stay = await one<{ discharged_at: number | null }>(queries, 'select discharged_at from stay where id = $1 for update', [stayId])
        if (!stay) throw new AppError('NOT_FOUND', 'There is no such stay.')
        if (stay.discharged_at !== null) throw new AppError('STAY_ENDED', 'This stay has ended; its limits count no more.')
        const row = await one<{ version: number; body: Omit<StayLimits, 'version'> }>(queries, 'select version, body from stay_limits where stay_id = $1', [stayId])
        const before: StayLimits = row ? { ...row.body, version: row.version } : defaultStayLimits
        const { version: _, ...body } = make(before)
        const version = before.version + 1
        await queries.query(
          `insert into stay_limits (stay_id, version, body, updated_at, updated_by) values ($1, $2, $3, $4, $5)
           on conflict (stay_id) do update set version = excluded.version, body = excluded.body, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
          [stayId, version, JSON.stringify(body), iso(atMs), by],
        )
        await queries.query('insert into stay_limits_change (id, stay_id, version, at, username, role, reason, before, after) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
          [uuidv7(atMs), stayId, version, iso(atMs), by, role, reason, JSON.stringify(before), JSON.stringify(body)])
        return { before, after: { ...body, version } }
      }),
    async addObservation({ id, stayId, atMs, enteredMs, by, role, seen }) {
      const known = await one(database, 'select 1 from stay where id = $1 and discharged_at is null', [stayId])
      if (!known) throw new AppError('NOT_FOUND', 'There is no open stay of this name.')
      await database.query('insert into observation (id, stay_id, at, entered_at, username, role, seen) values ($1, $2, $3, $4, $5, $6, $7)', [id, stayId, iso(atMs), iso(enteredMs), by, role, JSON.stringify(seen)])
    },
    async observations(stayId) {
      const rows = await database.query<{ id: string; at: number; username: string; seen: Record<string, number | string | boolean> }>(
        'select id, at, username, seen from observation where stay_id = $1 order by at desc limit 200', [stayId])
      return rows.map(({ id, at, username, seen }) => ({ id, stayId, at: iso(at), by: username, values: seen }))
    },
  }
}
