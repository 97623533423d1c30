import { SEGMENT_HOUR_MS } from '@vigil/contract/segments/segment'
import { type Connection } from '../store/connection.ts'
import { DAY_MS } from '../store/partitions.ts'
import { type DueHour } from './close-hours.ts'

const PARTITIONS = `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'sample'::regclass and c.relname ~ '^sample_[0-9]{8}$' order by 1`

// The oldest row of each device: one look into the index per device, however many rows.
const oldestOf = (partition: string) => `
with recursive oldest as (
  (select device_no, t from "${partition}" order by device_no, t limit 1)
  union all
  select n.device_no, n.t from oldest o
  cross join lateral (select s.device_no, s.t from "${partition}" s where s.device_no > o.device_no order by s.device_no, s.t limit 1) n)
select device_no, extract(epoch from t)::float8 * 1000 as ms from oldest where t < to_timestamp($1::float8 / 1000)`

export interface SamplePartition {
  readonly name: string
  /** Start of its UTC day, ms since the Unix epoch. */
  readonly fromMs: number
}

/** Day partitions of `sample`, oldest first. */
export async function samplePartitions(connection: Connection): Promise<SamplePartition[]> {
  const rows = await connection.query<{ name: string }>({ text: PARTITIONS })
  return rows.map(({ name }) => ({ name, fromMs: Date.UTC(Number(name.slice(7, 11)), Number(name.slice(11, 13)) - 1, Number(name.slice(13, 15))) }))
}

/** For each device with rows measured before `untilMs`, its oldest hour in this partition. */
export async function dueHours(connection: Connection, partition: SamplePartition, untilMs: number): Promise<DueHour[]> {
  const rows = await connection.query<{ device_no: number; ms: number }>({ text: oldestOf(partition.name), values: [Math.min(untilMs, partition.fromMs + DAY_MS)] })
  return rows.map(({ device_no, ms }) => ({ partition: partition.name, deviceNo: device_no, hourMs: Math.floor(ms / SEGMENT_HOUR_MS) * SEGMENT_HOUR_MS, untilMs }))
}
