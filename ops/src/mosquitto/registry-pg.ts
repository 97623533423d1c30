import { AppError } from '@vigil/contract'
import { Client } from 'pg'
import type { RegisteredDevice } from './ward.ts'

const ANSWER_WITHIN_MS = 5_000

/** Devices that may sign in, in order of their id. */
export async function readDevices(databaseUrl: string): Promise<RegisteredDevice[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS })
  try {
    await client.connect()
    const { rows } = await client.query<{ id: string; site: string; mac: string }>(`select id, site, encode(secret_mac, 'hex') as mac from device where retired_at is null order by id`)
    return rows
  } catch (error) {
    throw new AppError('DATABASE_AWAY', 'The device registry cannot be read: PostgreSQL does not answer at DATABASE_URL.', { cause: error })
  } finally {
    await client.end().catch(() => undefined)
  }
}
