import { randomBytes } from 'node:crypto'
import { AppError } from '@vigil/contract'
import { type Database, one, type Queries } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import { alinkNameTaken, isAlinkNameTaken, setAlink, writeAlink } from './alink-store-pg.ts'
import { assertLinkKeepsMode } from '../stays/same-mode-pg.ts'
import type { DeviceStore } from './devices.ts'
import { notInService } from './not-in-service.ts'

export function createDeviceStore(database: Database): DeviceStore {
  return {
    async add({ id, site, label, mode, note, secretMac, createdAtMs, alink }) {
      try {
        await database.transaction(async (queries) => {
          await queries.query(
            'insert into device (id, site, label, mode, note, secret_mac, secret_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $7)',
            [id, site, label, mode, note, secretMac, iso(createdAtMs)],
          )
          if (alink) await writeAlink(queries, id, alink)
        })
      } catch (error) {
        if (brokenConstraint(error) === undefined) throw error
        if (isAlinkNameTaken(error)) throw alinkNameTaken(error)
        throw new AppError('ALREADY_EXISTS', `There is already a device ${id}. A retired device keeps its name, because its history does.`, { cause: error })
      }
    },
    setAlink: (id, alink, atMs) => setAlink(database, id, alink, atMs),
    change: (id, { label, note, mode }) =>
      database.transaction(async (queries) => {
        await lockDevice(queries, id)
        if (mode !== undefined) await assertLinkKeepsMode(queries, { deviceId: id, mode })
        await queries.query(
          'update device set label = coalesce($2, label), note = coalesce($3, note), mode = coalesce($4, mode) where id = $1',
          [id, label ?? null, note ?? null, mode ?? null],
        )
      }),
    async rotate(id, secretMac, atMs, previousUntilMs) {
      // After a revocation there is no secret before: what was revoked stays so.
      const changed = await database.query(
        `update device set secret_mac = $2, secret_at = $3, revoked_at = null,
           secret_mac_previous = case when revoked_at is null and $4::timestamptz is not null then secret_mac end,
           secret_previous_until = case when revoked_at is null then $4::timestamptz end
         where id = $1 and retired_at is null returning 1`,
        [id, secretMac, iso(atMs), previousUntilMs === null ? null : iso(previousUntilMs)],
      )
      if (changed.length === 0) throw notInService(id)
    },
    async revoke(id, atMs) {
      // A MAC of nothing: there is no secret that fits it.
      const changed = await database.query(
        'update device set secret_mac = $2, secret_mac_previous = null, secret_previous_until = null, revoked_at = $3 where id = $1 and retired_at is null returning 1',
        [id, randomBytes(32), iso(atMs)],
      )
      if (changed.length === 0) throw notInService(id)
    },
    retire: (id, atMs) =>
      database.transaction(async (queries) => {
        await lockDevice(queries, id)
        const used = await one<{ stay_id: string; bed_id: string | null }>(
          queries,
          'select m.stay_id, s.bed_id from device d join monitoring_interval m on m.device_no = d.no and m.to_at is null join stay s on s.id = m.stay_id where d.id = $1',
          [id],
        )
        if (used) throw new AppError('DEVICE_IN_USE', `Device ${id} is watching a patient. Unlink it first.`, { details: { stayId: used.stay_id, bedId: used.bed_id } })
        await queries.query('update device set retired_at = coalesce(retired_at, $2) where id = $1', [id, iso(atMs)])
      }),
  }
}

/** Linking locks it too, so that what is found out about its use stays true until the transaction ends. */
async function lockDevice(queries: Queries, id: string): Promise<void> {
  await queries.query('select 1 from device where id = $1 for update', [id])
}
