import { AppError } from '@vigil/contract'
import type { Database, Queries } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { AlinkRow } from './alink-row.ts'
import { notInService } from './not-in-service.ts'

/** A pair of product key and device name is one device. */
export function isAlinkNameTaken(error: unknown): boolean {
  return brokenConstraint(error) === 'alink_device_product_key_device_name_key'
}

export function alinkNameTaken(cause: unknown): AppError {
  return new AppError('ALREADY_EXISTS', 'Another device has this product key and device name already.', { cause })
}

export async function writeAlink(queries: Queries, id: string, { productKey, deviceName, secretSealed, services, settings }: AlinkRow): Promise<void> {
  await queries.query(
    `insert into alink_device (device_no, product_key, device_name, secret_sealed, services, settings)
     select d.no, $2, $3, $4, $5, $6 from device d where d.id = $1
     on conflict (device_no) do update set product_key = excluded.product_key, device_name = excluded.device_name, secret_sealed = excluded.secret_sealed,
       services = excluded.services, settings = excluded.settings`,
    [id, productKey, deviceName, secretSealed, services, settings],
  )
}

/** @throws AppError NOT_FOUND when it is not in service, ALREADY_EXISTS when another device has that name */
export async function setAlink(database: Database, id: string, alink: AlinkRow, atMs: number): Promise<void> {
  try {
    await database.transaction(async (queries) => {
      const changed = await queries.query('update device set secret_at = $2, revoked_at = null where id = $1 and retired_at is null returning 1', [id, iso(atMs)])
      if (changed.length === 0) throw notInService(id)
      await writeAlink(queries, id, alink)
    })
  } catch (error) {
    throw isAlinkNameTaken(error) ? alinkNameTaken(error) : error
  }
}
