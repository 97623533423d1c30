import { type Connection } from '../store/connection.ts'
import { DAY_MS } from '../store/partitions.ts'
import { sqlStateOf } from '../store/refusal.ts'
import { samplePartitions } from './due-hours.ts'

/** A wait for the lock holds up whoever comes behind; the next round will do as well. */
const LOCK_TIMEOUT = '200ms'
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Drops the day partitions that have become empty, a day at least after their end, so that their disk comes back and queries
 * pass over fewer. Looked at under the lock: nothing can come in between. Late data makes the day anew.
 */
export async function dropEmptyDays(connection: Connection, untilMs: number): Promise<string[]> {
  const dropped: string[] = []
  for (const { name, fromMs } of await samplePartitions(connection)) {
    if (fromMs + 2 * DAY_MS > untilMs) continue
    const [row] = await connection.query<{ empty: boolean }>({ text: `select not exists (select from "${name}") as empty` })
    if (row?.empty && (await dropIfEmpty(connection, name))) dropped.push(name)
  }
  return dropped
}

async function dropIfEmpty(connection: Connection, name: string): Promise<boolean> {
  try {
    await connection.query({ text: `begin; set local lock_timeout = '${LOCK_TIMEOUT}'; lock table only sample in access exclusive mode` })
    const [row] = await connection.query<{ empty: boolean }>({ text: `select not exists (select from "${name}") as empty` })
    if (row?.empty) await connection.query({ text: `drop table "${name}"` })
    await connection.commit()
    return row?.empty ?? false
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error
    await connection.query({ text: 'rollback' })
    return false
  }
}
