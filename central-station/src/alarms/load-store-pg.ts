import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { LoadRow, LoadStore } from './alarm-load.ts'

export function createLoadStore(database: Database): LoadStore {
  return {
    announced: ({ ward, wards, fromMs, toMs }) =>
      database.query<LoadRow>(
        `select ward_id as "wardId", bed_id as "bedId", condition, priority, announced_at as "announcedMs", ended_at as "endedMs", first_acknowledged_at as "acknowledgedMs"
         from alarm where announced_at >= $1 and announced_at < $2 and ($3::text is null or ward_id = $3) and ($4::text[] is null or ward_id is null or ward_id = any($4))`,
        [iso(fromMs), iso(toMs), ward ?? null, wards],
      ),
  }
}
