import { type Range } from '@vigil/contract'
import { type Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { type LedgerStore } from './ledger.ts'

interface LedgerRow {
  no: number
  epoch: string
  got: [number, number][]
  lost: [number, number][]
  first_at: number
  last_at: number
}

/** A multirange as inclusive pairs. */
const pairs = (column: string) => `(select coalesce(json_agg(json_build_array(lower(r), upper(r) - 1) order by r), '[]') from unnest(l.${column}) r)`

export function createLedgerStore(database: Database): LedgerStore {
  return {
    async epochs(deviceNo, fromMs, toMs) {
      const rows = await database.query<LedgerRow>(
        `select l.no, l.epoch, ${pairs('got')} as got, ${pairs('lost')} as lost, l.first_at, l.last_at
         from ledger l where l.device_no = $1 and ($2::timestamptz is null or l.last_at >= $2) and ($3::timestamptz is null or l.first_at < $3)
         order by l.first_at, l.no`,
        [deviceNo, fromMs === undefined ? null : iso(fromMs), toMs === undefined ? null : iso(toMs)],
      )
      return rows.map((row) => ({ no: row.no, epoch: row.epoch, got: row.got as Range[], lost: row.lost as Range[], firstAtMs: row.first_at, lastAtMs: row.last_at }))
    },
    async duplicates(deviceNo, sinceMs) {
      const rows = await database.query<{ ledger_no: number; extra: number }>(
        `select ledger_no, count(*) - count(distinct seq) as extra
         from (select ledger_no, seq from sample where device_no = $1 and t >= $2
               union all select ledger_no, seq from device_event where device_no = $1 and t >= $2) stored
         group by ledger_no`,
        [deviceNo, sinceMs === undefined ? '-infinity' : iso(sinceMs)],
      )
      return new Map(rows.map((row) => [row.ledger_no, row.extra]))
    },
  }
}
