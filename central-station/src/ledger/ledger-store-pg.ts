import type { Range } from '@vigil/contract'
import { unpackColumn } from '@vigil/contract/segments/segment'
import type { Database } from '../db/database.ts'
import { readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import type { LedgerStore } from './ledger.ts'

interface LedgerRow {
  no: number
  epoch: string
  got: [number, number][]
  lost: [number, number][]
  first_at: number
  last_at: number
}

/** A multirange as inclusive pairs. */
const pairs = (numbers: string) => `(select coalesce(json_agg(json_build_array(lower(r), upper(r) - 1) order by r), '[]') from unnest(${numbers}) r)`

export function createLedgerStore(database: Database): LedgerStore {
  return {
    async epochs(deviceNo, fromMs, toMs) {
      const rows = await database.query<LedgerRow>(
        `select l.no, l.epoch, ${pairs('ledger_got(l)')} as got, ${pairs('ledger_lost(l)')} as lost, l.first_at, l.last_at
         from ledger l where l.device_no = $1 and ($2::timestamptz is null or l.last_at >= $2) and ($3::timestamptz is null or l.first_at < $3)
         order by l.first_at, l.no`,
        [deviceNo, fromMs === undefined ? null : iso(fromMs), toMs === undefined ? null : iso(toMs)],
      )
      return rows.map((row) => ({ no: row.no, epoch: row.epoch, got: row.got as Range[], lost: row.lost as Range[], firstAtMs: row.first_at, lastAtMs: row.last_at }))
    },
    async duplicates(deviceNo, sinceMs) {
      const records = await database.query<NumbersRecord>(
        `select 0 as n, array_send(array_agg(ledger_no)) as ledger_no, array_send(array_agg(seq)) as seq
         from (select ledger_no, seq from sample where device_no = $1 and t >= $2
               union all select ledger_no, seq from device_event where device_no = $1 and t >= $2) open
         union all
         select n, ledger_no, seq from segment where device_no = $1 and hour >= date_trunc('hour', $2::timestamptz, 'UTC')`,
        [deviceNo, sinceMs === undefined ? '-infinity' : iso(sinceMs)],
      )
      return countTwice(records.map(({ n, ledger_no, seq }) => (n === 0 ? [readSentNumbers(ledger_no), readSentNumbers(seq)] : [unpackColumn(ledger_no as Buffer, n), unpackColumn(seq as Buffer, n)])))
    },
  }
}

interface NumbersRecord {
  /** Rows of a segment; 0 for the open rows. */
  readonly n: number
  readonly ledger_no: Buffer | null
  readonly seq: Buffer | null
}

/** How often a number stands there beyond the first time, by ledger number. */
function countTwice(parts: readonly (readonly Float64Array[])[]): Map<number, number> {
  const byLedger = new Map<number, number[]>()
  for (const [ledgerNo, seq] of parts) {
    for (const [i, no] of ledgerNo?.entries() ?? []) {
      const numbers = byLedger.get(no) ?? []
      if (numbers.push(seq?.[i] as number) === 1) byLedger.set(no, numbers)
    }
  }
  return new Map([...byLedger].map(([no, numbers]) => [no, Float64Array.from(numbers).sort().reduce((extra, n, i, sorted) => extra + (i > 0 && n === sorted[i - 1] ? 1 : 0), 0)]))
}
