import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { HealthReadingStore, StoredEvent, StoredRow } from './health-readings.ts'

export function createHealthReadingStore(database: Database): HealthReadingStore {
  return {
    async person(patientId) {
      const row = await one<{ no: number; offset_minutes: number | null; synced_at: number | null }>(
        database,
        `select p.no, p.offset_minutes, (select at from health_import i where i.person_no = p.no and i.report is not null and not i.report ? 'brokeOff' order by i.no desc limit 1) as synced_at
         from health_person p where p.patient_id = $1`,
        [patientId],
      )
      return row && { no: row.no, offsetMinutes: row.offset_minutes, syncedAtMs: row.synced_at }
    },
    // By name through the key's first columns: each metric is one stretch of the index.
    rows: (personNo, fromMs, toMs, metrics, limit) =>
      database.query<StoredRow>(
        `select m.name as metric, s.name as source, v.aggregation, v.start_at, v.end_at, v.value, v.low, v.high, v.parts, v.raw ->> 'units' as units
         from health_name m
         cross join lateral (select * from health_value v where v.person_no = $1 and v.metric_no = m.no and v.start_at >= $2 and v.start_at < $3) v
         join health_name s on s.no = v.source_no
         where $4::text[] is null or m.name = any ($4)
         order by m.name, v.start_at limit $5`,
        [personNo, iso(fromMs), iso(toMs), metrics ?? null, limit],
      ),
    events: (personNo, fromMs, toMs, limit) =>
      database.query<StoredEvent>('select kind, start_at, end_at, name, source, detail from health_event where person_no = $1 and start_at >= $2 and start_at < $3 order by start_at desc limit $4', [personNo, iso(fromMs), iso(toMs), limit]),
  }
}
