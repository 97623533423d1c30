import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { ConfigStore } from './configuration.ts'

export function createConfigStore(database: Database): ConfigStore {
  return {
    replace: ({ deviceNo, version, set, atMs, accountId, aboveVersion }) =>
      database.transaction(async (queries) => {
        await queries.query('insert into device_config (device_no) values ($1) on conflict do nothing', [deviceNo])
        const row = await one<{ desired_version: number }>(queries, 'select desired_version from device_config where device_no = $1 for update', [deviceNo])
        const stored = row?.desired_version ?? 0
        if (stored !== version) return { ok: false, version: stored }
        const next = Math.max(stored, aboveVersion) + 1
        await queries.query(
          'update device_config set desired_version = $2, desired = $3, desired_at = $4, desired_by = $5 where device_no = $1',
          [deviceNo, next, JSON.stringify(set), iso(atMs), accountId],
        )
        return { ok: true, version: next }
      }),
  }
}
