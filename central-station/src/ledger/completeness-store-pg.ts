import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { CompletenessStore } from './completeness.ts'

interface DayRow {
  day: string
  from_at: number
  ledger_no: number | null
  lowest: number | null
  highest: number | null
}

/** Open hours row by row; closed ones by the bounds their segment carries, on the day its hour began. */
const DAYS = `
with first as (select (date_trunc('day', $2::timestamptz at time zone $3) - make_interval(days => $4 - 1)) as at),
part as (
  select (t at time zone $3)::date as day, ledger_no, min(seq) as lo, max(seq) as hi from sample, first where device_no = $1 and t >= first.at at time zone $3 group by 1, 2
  union all
  select (t at time zone $3)::date, ledger_no, min(seq), max(seq) from device_event, first where device_no = $1 and t >= first.at at time zone $3 group by 1, 2
  union all
  select (s.hour at time zone $3)::date, u.ledger, u.lo, u.hi from segment s, first, unnest(s.ledgers, s.seq_from, s.seq_to) u(ledger, lo, hi) where s.device_no = $1 and s.hour >= first.at at time zone $3
)
select to_char(d, 'YYYY-MM-DD') as day, first.at at time zone $3 as from_at, p.ledger_no, min(p.lo)::float8 as lowest, max(p.hi)::float8 as highest
from first, generate_series(first.at, first.at + make_interval(days => $4 - 1), '1 day') d left join part p on p.day = d::date
group by 1, 2, 3 order by 1, 3`

export function createCompletenessStore(database: Database): CompletenessStore {
  return {
    async days(deviceNo, { nowMs, days, zone }) {
      const rows = await database.query<DayRow>(DAYS, [deviceNo, iso(nowMs), zone, days])
      return {
        fromMs: rows[0]?.from_at ?? nowMs,
        days: [...new Set(rows.map((row) => row.day))],
        parts: rows.flatMap(({ day, ledger_no, lowest, highest }) => (ledger_no === null || lowest === null || highest === null ? [] : [{ day, ledgerNo: ledger_no, lowest, highest }])),
      }
    },
  }
}
