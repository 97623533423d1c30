import type { Connection } from '../store/connection.ts'
import { sqlStateOf } from '../store/refusal.ts'
import type { Partitioned } from './partitions-of.ts'

/** A wait for the lock holds up whoever comes behind; the next round will do as well. */
const LOCK_TIMEOUT = '200ms'
const LOCK_NOT_AVAILABLE = '55P03'

export interface PartitionToDrop {
  readonly parent: Partitioned
  readonly name: string
  /** SQL that counts what goes with it. */
  readonly count: string
  /** Only if that is nothing. */
  readonly onlyIfEmpty?: boolean
}

/** Drops a partition, looked at under the lock: nothing can come in between. Answers what went with it; `undefined`: not dropped now. */
export async function dropPartition(connection: Connection, { parent, name, count, onlyIfEmpty = false }: PartitionToDrop): Promise<number | undefined> {
  try {
    await connection.query({ text: `begin; set local lock_timeout = '${LOCK_TIMEOUT}'; lock table only ${parent} in access exclusive mode` })
    const [row] = await connection.query<{ n: string }>({ text: `select ${count} as n from "${name}"` })
    const rows = Number(row?.n)
    const drop = rows === 0 || !onlyIfEmpty
    if (drop) await connection.query({ text: `drop table "${name}"` })
    await connection.commit()
    return drop ? rows : undefined
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error
    await connection.query({ text: 'rollback' })
    return undefined
  }
}
