import type { Database } from '../../db/database.ts'
import { clip } from '../../history/spans.ts'
import { iso } from '../../iso.ts'
import type { MonitoringStore } from './simulation.ts'

export function createMonitoringStore(database: Database): MonitoringStore {
  return {
    async spans(stayId, fromMs, toMs) {
      const rows = await database.query<{ no: number; id: string; from_at: number; to_at: number | null }>(
        `select d.no, d.id, m.from_at, m.to_at from monitoring_interval m join device d on d.no = m.device_no
         where m.stay_id = $1 and m.from_at < $3 and coalesce(m.to_at, 'infinity') > $2`,
        [stayId, iso(fromMs), iso(toMs)],
      )
      return clip(rows.map(({ no, id, from_at, to_at }) => ({ deviceNo: no, deviceId: id, fromMs: from_at, toMs: to_at ?? toMs })), fromMs, toMs)
    },
  }
}
