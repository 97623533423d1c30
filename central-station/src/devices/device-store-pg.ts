import { AppError } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import { type DeviceStore } from './devices.ts'

export function createDeviceStore(database: Database): DeviceStore {
  return {
    async add({ id, site, label, mode, note, secretMac, createdAtMs }) {
      try {
        await database.query(
          'insert into device (id, site, label, mode, note, secret_mac, created_at) values ($1, $2, $3, $4, $5, $6, $7)',
          [id, site, label, mode, note, secretMac, iso(createdAtMs)],
        )
      } catch (error) {
        if (brokenConstraint(error) === undefined) throw error
        throw new AppError('ALREADY_EXISTS', `There is already a device ${id}. A retired device keeps its name, because its history does.`, { cause: error })
      }
    },
    async change(id, { label, note, mode }) {
      await database.query(
        'update device set label = coalesce($2, label), note = coalesce($3, note), mode = coalesce($4, mode) where id = $1',
        [id, label ?? null, note ?? null, mode ?? null],
      )
    },
    retire: (id, atMs) =>
      database.transaction(async (queries) => {
        const used = await one<{ stay_id: string; bed_id: string | null }>(
          queries,
          `select m.stay_id, s.bed_id from device d join monitoring_interval m on m.device_no = d.no and m.to_at is null join stay s on s.id = m.stay_id
           where d.id = $1 for update of d`,
          [id],
        )
        if (used) throw new AppError('DEVICE_IN_USE', `Device ${id} is watching a patient. Unlink it first.`, { details: { stayId: used.stay_id, bedId: used.bed_id } })
        await queries.query('update device set retired_at = coalesce(retired_at, $2) where id = $1', [id, iso(atMs)])
      }),
  }
}
