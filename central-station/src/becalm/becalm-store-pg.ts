import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { type Measure, toMoments } from './measures.ts'
import type { BecalmStore, StoredMeasure } from './becalm.ts'

const EPOCH = 'becalm'
const MOST_OBJECTS = 200
const KEPT = `interval '7 days'`

export function createBecalmStore(database: Database): BecalmStore {
  return {
    keep: (deviceNo, topic, good, refused) =>
      database.transaction(async (queries) => {
        const fresh = await queries.query<{ type: Measure['type']; t: number; value: number }>(
          `insert into becalm_measure (device_no, measured_at, type, value)
           select $1, health_ms(t), type, value from unnest($2::float8[], $3::text[], $4::float8[]) as b (t, type, value)
           on conflict do nothing returning type, extract(epoch from measured_at)::float8 * 1000 as t, value`,
          [deviceNo, good.map(({ t }) => t), good.map(({ type }) => type), good.map(({ value }) => value)],
        )
        const moments = toMoments(fresh.map((row) => ({ ...row, t: Math.round(row.t) })))
        if (moments.length > 0) {
          const [next] = await queries.query<{ first: number }>(
            `insert into door_sequence as d (device_no, next_seq) values ($1, $2::int8 + 1) on conflict (device_no) do update set next_seq = d.next_seq + $2::int8 returning next_seq - $2::int8 as first`,
            [deviceNo, moments.length],
          )
          const objects = moments.map(({ t, m }, i) => ({ e: EPOCH, s: (next?.first ?? 1) + i, t, m }))
          // Each row becomes a message, and a message has its largest size.
          for (let at = 0; at < objects.length; at += MOST_OBJECTS) await queries.query('insert into door_inbox (device_no, objects) values ($1, $2)', [deviceNo, JSON.stringify(objects.slice(at, at + MOST_OBJECTS))])
        }
        for (const { row, why } of refused) {
          const payload = Buffer.from(JSON.stringify(row) ?? 'null').subarray(0, 1_000)
          await queries.query(`insert into dead_letter (source, topic, device_no, code, reason, payload, payload_bytes) values ('becalm', $1, $2, 'INVALID_TELEMETRY', $3, $4, $5)`, [topic, deviceNo, `becalm: ${why}`, payload, payload.length])
        }
        await queries.query(`delete from becalm_measure where device_no = $1 and measured_at < now() - ${KEPT}`, [deviceNo])
        return fresh.length
      }),
    read: (deviceNo, fromMs, toMs, limit) =>
      database.query<StoredMeasure>('select type, value, measured_at as t from becalm_measure where device_no = $1 and measured_at >= $2 and measured_at <= $3 order by measured_at desc, type limit $4', [deviceNo, iso(fromMs), iso(toMs), limit]),
    latest: (deviceNos, sinceMs) =>
      database.query<StoredMeasure & { device_no: number }>(
        `select d.no as device_no, m.type, m.value, m.measured_at as t from unnest($1::int[]) as d (no)
         cross join lateral (select distinct on (type) type, value, measured_at from becalm_measure where device_no = d.no and measured_at >= $2 order by type, measured_at desc) m`,
        [deviceNos, iso(sinceMs)],
      ),
  }
}
