import { signalByName } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import { readRows } from '../history/rows-pg.ts'
import { readCompleteness } from '../history/stretches-pg.ts'
import type { ExportSource } from './export-job.ts'
import { withoutOverlap } from './export-spans.ts'

// Who was in a bed when, and who watched them meanwhile; a stay is asked for as it was watched, a device as it measured.
const SPANS = `
select d.no as "deviceNo", d.id as "deviceId", m.stay_id::text as "stayId", greatest(m.from_at, b.from_at) as "fromMs", least(m.to_at, b.to_at) as "toMs"
from stay_bed b join monitoring_interval m on m.stay_id = b.stay_id and m.from_at < coalesce(b.to_at, 'infinity') and coalesce(m.to_at, 'infinity') > b.from_at
join device d on d.no = m.device_no where b.bed_id = any($1::text[])
union all
select d.no, d.id, m.stay_id::text, m.from_at, m.to_at from monitoring_interval m join device d on d.no = m.device_no where m.stay_id = any($2::uuid[])
union all
select d.no, d.id, null, null, null from device d where d.id = any($3::text[])`

export function createExportSource(database: Database): ExportSource {
  return {
    async spans({ beds, stays, devices, fromMs, toMs }) {
      const rows = await database.query<{ deviceNo: number; deviceId: string; stayId: string | null; fromMs: number | null; toMs: number | null }>(SPANS, [beds, stays, devices])
      return withoutOverlap(rows.map(({ stayId, ...row }) => ({ ...row, stayId: stayId ?? undefined, fromMs: Math.max(fromMs, row.fromMs ?? fromMs), toMs: Math.min(toMs, row.toMs ?? toMs) })))
    },
    async expected(spans) {
      return (await readCompleteness(database, spans)).received
    },
    async page(span, signals, most) {
      const wanted = signals.length === 0 ? 'all' : signals.flatMap((name) => signalByName(name) ?? [])
      const rows = await readRows(database, span, { numbers: ['seq', 'lag_ms', 'flags'], signals: wanted, quality: true, limit: most })
      if (!rows) return undefined
      const column = (name: 'seq' | 'lag_ms' | 'flags') => rows.numbers.get(name) ?? new Float64Array(rows.t.length)
      return { t: rows.t, seq: column('seq'), lagMs: column('lag_ms'), flags: column('flags'), signals: rows.signals, quality: rows.quality, asked: signals }
    },
  }
}

