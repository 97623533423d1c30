import { SEGMENT_HOUR_MS } from '@vigil/contract/segments/segment'
import type { Connection } from '../store/connection.ts'
import type { DueHour } from './close-hours.ts'
import type { Partition } from './partitions-of.ts'

// The oldest row of each device: one look into the index per device, however many rows.
const oldestOf = (partition: string) => `
with recursive oldest as (
  (select device_no, t from "${partition}" order by device_no, t limit 1)
  union all
  select n.device_no, n.t from oldest o
  cross join lateral (select s.device_no, s.t from "${partition}" s where s.device_no > o.device_no order by s.device_no, s.t limit 1) n)
select device_no, extract(epoch from t)::float8 * 1000 as ms from oldest where t < to_timestamp($1::float8 / 1000)`

/** For each device with rows measured before `untilMs`, its oldest hour in this partition. */
export async function dueHours(connection: Connection, partition: Partition, untilMs: number): Promise<DueHour[]> {
  const rows = await connection.query<{ device_no: number; ms: number }>({ text: oldestOf(partition.name), values: [Math.min(untilMs, partition.toMs)] })
  return rows.map(({ device_no, ms }) => ({ partition: partition.name, deviceNo: device_no, hourMs: Math.floor(ms / SEGMENT_HOUR_MS) * SEGMENT_HOUR_MS, untilMs }))
}
