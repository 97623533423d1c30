import { AppError } from '@vigil/contract'
import { one, type Queries } from '../db/database.ts'
import { uuidv7 } from '../ids.ts'
import { iso } from '../iso.ts'
import type { Mode } from '../registry/world.ts'
import { assertSameMode } from './same-mode-pg.ts'
import type { Doing } from './stays.ts'

export interface Link {
  readonly stayId: string
  readonly deviceId: string
  readonly reason: string
  readonly doing: Doing
}

/**
 * From now on the device's samples are this stay's. The one that watched before, if any, is unlinked at the same moment.
 * @throws AppError NOT_FOUND, DEVICE_IN_USE (`details` says where), MODE_MISMATCH
 */
export async function linkDevice(queries: Queries, { stayId, deviceId, reason, doing }: Link): Promise<void> {
  const device = await one<{ no: number; mode: Mode; retired_at: number | null }>(queries, 'select no, mode, retired_at from device where id = $1 for update', [deviceId])
  if (!device || device.retired_at !== null) throw new AppError('NOT_FOUND', `There is no device ${deviceId} in service.`)
  const use = await one<{ stay_id: string; bed_id: string | null; ward_id: string | null }>(
    queries,
    'select m.stay_id, s.bed_id, b.ward_id from monitoring_interval m join stay s on s.id = m.stay_id left join bed b on b.id = s.bed_id where m.device_no = $1 and m.to_at is null',
    [device.no],
  )
  if (use?.stay_id === stayId) return
  if (use) {
    throw new AppError('DEVICE_IN_USE', `Device ${deviceId} is watching the patient in bed ${use.bed_id ?? '(none)'}. Unlink it there first.`, {
      details: { stayId: use.stay_id, bedId: use.bed_id, wardId: use.ward_id },
    })
  }
  await assertSameMode(queries, stayId, deviceId, device.mode)
  await closeInterval(queries, stayId, doing)
  // Should our clock have been set back, the patient before keeps what is theirs.
  await queries.query(
    `insert into monitoring_interval (id, stay_id, device_no, from_at, linked_by, reason)
     select $1, $2, $3, greatest($4::timestamptz, (select max(to_at) from monitoring_interval where device_no = $3)), $5, $6`,
    [uuidv7(doing.atMs), stayId, device.no, iso(doing.atMs), doing.by, reason],
  )
}

/**
 * Another device in place of one that watches: both intervals meet at the same instant. Answers the stay.
 * @throws AppError NOT_FOUND, DEVICE_NOT_IN_USE, and what `linkDevice` throws
 */
export async function linkInstead(queries: Queries, oldDeviceId: string, { deviceId, reason, doing }: Omit<Link, 'stayId'>): Promise<string> {
  // In the order of their names, so that two replacements at once wait for each other instead of for ever.
  const known = await queries.query<{ id: string }>('select id from device where id = any($1) order by id for update', [[oldDeviceId, deviceId]])
  if (!known.some(({ id }) => id === oldDeviceId)) throw new AppError('NOT_FOUND', `There is no device ${oldDeviceId}.`)
  const watched = await one<{ stay_id: string }>(
    queries,
    'select m.stay_id from monitoring_interval m join device d on d.no = m.device_no join stay s on s.id = m.stay_id where d.id = $1 and m.to_at is null for update of s',
    [oldDeviceId],
  )
  if (!watched) throw new AppError('DEVICE_NOT_IN_USE', `Device ${oldDeviceId} watches nobody, so nothing can take its place. Link ${deviceId} to the patient instead.`)
  // Should our clock have been set back, the instant is the earliest at which one can end and the other begin.
  const earliest = await one<{ at: number | null }>(
    queries,
    'select max(greatest(m.from_at, m.to_at)) as at from monitoring_interval m join device d on d.no = m.device_no where d.id = any($1)',
    [[oldDeviceId, deviceId]],
  )
  const atMs = Math.max(doing.atMs, earliest?.at ?? 0)
  await linkDevice(queries, { stayId: watched.stay_id, deviceId, reason, doing: { ...doing, atMs } })
  return watched.stay_id
}

export async function closeInterval(queries: Queries, stayId: string, { atMs }: Doing): Promise<void> {
  await queries.query('update monitoring_interval set to_at = greatest(from_at, $2) where stay_id = $1 and to_at is null', [stayId, iso(atMs)])
}
