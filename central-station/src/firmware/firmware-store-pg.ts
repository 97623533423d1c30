import { AppError } from '@vigil/contract'
import { type Database, one, type Queries } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { FirmwareFact } from '../registry/world.ts'
import type { FirmwareStore } from './firmware.ts'

const DECISIONS = 'select hardware, version, firmware, at as "atMs", username as by, role, reason from firmware_desired'

export function createFirmwareStore(database: Database): FirmwareStore {
  return {
    history: (hardware) => database.query<FirmwareFact>(`${DECISIONS} where hardware = $1 order by version desc`, [hardware]),
    add: ({ hardware, version, firmware, atMs, by, role, reason }) =>
      database.transaction(async (queries) => {
        // One after the other, also of a model nobody decided about yet.
        await queries.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`firmware ${hardware}`])
        const newest = (await one<{ version: number }>(queries, 'select coalesce(max(version), 0)::int as version from firmware_desired where hardware = $1', [hardware]))?.version ?? 0
        if (newest !== version - 1) throw new AppError('VERSION_CONFLICT', 'Somebody decided about this model meanwhile. Look again, then save.', { details: { version: newest } })
        await queries.query('insert into firmware_desired (hardware, version, firmware, at, username, role, reason) values ($1, $2, $3, $4, $5, $6, $7)', [hardware, version, firmware, iso(atMs), by, role, reason])
      }),
  }
}

/** The newest decision about each model. */
export function loadFirmware(queries: Queries): Promise<FirmwareFact[]> {
  return queries.query<FirmwareFact>(`select distinct on (hardware) * from (${DECISIONS}) d order by hardware, version desc`)
}
