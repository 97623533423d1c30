import { numberByTime } from '@vigil/contract/numbered-by-time'
import { jsonText } from '@vigil/program'
import type { Database, Queries } from '../db/database.ts'
import { iso } from '../iso.ts'
import { type Measure, toMoments } from './measures.ts'
import type { BecalmStore, StoredMeasure } from './becalm.ts'

const EPOCH = 'becalm'
/** Sets of measures that can be told apart in one millisecond. */
const PER_MS = 2 ** 31
const MOST_OBJECTS = 200
const KEPT = `interval '7 days'`
const WEEK_MS = 7 * 86_400_000

/** Of these numbers, which the durable lane has, or has still to take. */
const TAKEN = `
  select n.i::int as i from unnest($2::text[], $3::int8[]) with ordinality n (e, s, i)
  where exists (select from ledger l where l.device_no = $1 and l.epoch = n.e and ledger_got(l) @> n.s)
     or exists (select from door_inbox b cross join lateral jsonb_array_elements(b.objects) o where b.device_no = $1 and o->>'e' = n.e and (o->>'s')::int8 = n.s)`

type Numbered = ReturnType<typeof toMoments>[number] & { readonly e: string; readonly s: number }

/** Those that came before and were forgotten here since: the table knows a row for a week, the ledger its number for ever. */
async function takenBefore(queries: Queries, deviceNo: number, objects: readonly Numbered[], nowMs: number): Promise<ReadonlySet<Numbered>> {
  const old = objects.filter(({ t }) => t < nowMs - WEEK_MS)
  if (old.length === 0) return new Set()
  const taken = await queries.query<{ i: number }>(TAKEN, [deviceNo, old.map(({ e }) => e), old.map(({ s }) => s)])
  return new Set(taken.flatMap(({ i }) => old[i - 1] ?? []))
}

export function createBecalmStore(database: Database): BecalmStore {
  return {
    keep: (deviceNo, topic, good, refused, nowMs) =>
      database.transaction(async (queries) => {
        const fresh = await queries.query<{ type: Measure['type']; t: number; value: number }>(
          `insert into becalm_measure (device_no, measured_at, type, value)
           select $1, health_ms(t), type, value from unnest($2::float8[], $3::text[], $4::float8[]) as b (t, type, value)
           on conflict do nothing returning type, extract(epoch from measured_at)::float8 * 1000 as t, value`,
          [deviceNo, good.map(({ t }) => t), good.map(({ type }) => type), good.map(({ value }) => value)],
        )
        const moments = toMoments(fresh.map((row) => ({ ...row, t: Math.round(row.t) })))
        const all = moments.map(({ t, m }): Numbered => ({ ...numberByTime(EPOCH, PER_MS, t, m), t, m }))
        const taken = await takenBefore(queries, deviceNo, all, nowMs)
        const objects = all.filter((object) => !taken.has(object))
        // Each row becomes a message, and a message has its largest size.
        for (let at = 0; at < objects.length; at += MOST_OBJECTS) await queries.query('insert into door_inbox (device_no, objects) values ($1, $2)', [deviceNo, JSON.stringify(objects.slice(at, at + MOST_OBJECTS))])
        for (const { row, why } of refused) {
          const payload = Buffer.from(jsonText(row)).subarray(0, 1_000)
          await queries.query(`insert into dead_letter (source, topic, device_no, code, reason, payload, payload_bytes) values ('becalm', $1, $2, 'INVALID_TELEMETRY', $3, $4, $5)`, [topic, deviceNo, `becalm: ${why}`, payload, payload.length])
        }
        await queries.query(`delete from becalm_measure where device_no = $1 and came_at < now() - ${KEPT}`, [deviceNo])
        const again = new Set([...taken].map(({ t }) => t))
        return fresh.filter(({ t }) => !again.has(Math.round(t))).length
      }),
    read: (deviceNo, fromMs, toMs, limit) =>
      database.query<StoredMeasure>('select type, value, measured_at as t from becalm_measure where device_no = $1 and measured_at >= $2 and measured_at <= $3 order by measured_at desc, type limit $4', [deviceNo, iso(fromMs), iso(toMs), limit]),
    latest: (deviceNos, sinceMs, untilMs) =>
      database.query<StoredMeasure & { device_no: number }>(
        `select d.no as device_no, m.type, m.value, m.measured_at as t from unnest($1::int[]) as d (no)
         cross join lateral (select distinct on (type) type, value, measured_at from becalm_measure where device_no = d.no and measured_at >= $2 and measured_at <= $3 order by type, measured_at desc) m`,
        [deviceNos, iso(sinceMs), iso(untilMs)],
      ),
  }
}
