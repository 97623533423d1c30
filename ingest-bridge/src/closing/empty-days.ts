import type { Connection } from '../store/connection.ts'
import { DAY_MS } from '../store/partitions.ts'
import { dropPartition } from './drop-partition.ts'
import { partitionsOf } from './partitions-of.ts'

/**
 * Drops the day partitions that have become empty, a day at least after their end, so that their disk comes back and queries
 * pass over fewer. Late data makes the day anew.
 */
export async function dropEmptyDays(connection: Connection, untilMs: number): Promise<void> {
  for (const { name, toMs } of await partitionsOf(connection, 'sample')) {
    if (toMs + DAY_MS > untilMs) continue
    const [row] = await connection.query<{ empty: boolean }>({ text: `select not exists (select from "${name}") as empty` })
    if (row?.empty) await dropPartition(connection, { parent: 'sample', name, count: 'count(*)', onlyIfEmpty: true })
  }
}
