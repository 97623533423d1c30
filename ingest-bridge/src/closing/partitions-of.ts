import type { Connection } from '../store/connection.ts'
import { DAY_MS } from '../store/partitions.ts'

export interface Partition {
  readonly name: string
  /** Start of its UTC day or month, ms since the Unix epoch. */
  readonly fromMs: number
  readonly toMs: number
}

/** Tables that are partitioned by time. */
export type Partitioned = 'sample' | 'segment' | 'waveform'

/** Partitions of `sample` and `waveform` (days) or of `segment` (months), oldest first. */
export async function partitionsOf(connection: Connection, parent: Partitioned): Promise<Partition[]> {
  const rows = await connection.query<{ name: string }>({
    text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass and c.relname ~ '_[0-9]{6,8}$' order by 1`,
    values: [parent],
  })
  return rows.map(({ name }) => {
    const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})?$/.exec(name) ?? []
    const fromMs = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1))
    return { name, fromMs, toMs: day === undefined ? Date.UTC(Number(year), Number(month)) : fromMs + DAY_MS }
  })
}
