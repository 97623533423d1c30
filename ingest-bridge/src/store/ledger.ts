import { normaliseRanges, type Range, unionRanges } from '@vigil/contract'
import type { Connection } from './connection.ts'
import { dropKnown, freshRanges, type Group, lostRanges } from './groups.ts'
import { formatMultirange, parseMultirange } from './multirange.ts'

interface LedgerRow {
  no: number
  device_no: number
  epoch: string
  got: string
  lost: string
}

// Lock, check and merge at once, for the whole batch. A pair whose numbers overlap is locked too, but does not come back.
const TAKE = `
insert into ledger as l (no, device_no, epoch, got, lost)
select coalesce(nullif(b.no, 0), nextval('ledger_no_seq')::int), b.device_no, b.epoch, b.got::int8multirange,
  case when b.lost = '{}' then '{}' else b.lost::int8multirange - b.got::int8multirange end
from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[]) as b (no, device_no, epoch, got, lost)
order by b.device_no, b.epoch collate "C"
on conflict (device_no, epoch) do update
set got = l.got + excluded.got, last_at = now(),
  lost = case when isempty(l.lost) and isempty(excluded.lost) then l.lost else (l.lost + excluded.lost) - (l.got + excluded.got) end
where not (l.got && excluded.got)
returning no, device_no, epoch, got::text, lost::text`

// Reads what the statement above has locked; a statement of its own, so that it sees what another bridge has just committed.
const READ = `
select l.no, l.device_no, l.epoch, l.got::text, l.lost::text
from ledger l join unnest($1::int[], $2::text[]) as b (device_no, epoch) on l.device_no = b.device_no and l.epoch = b.epoch
order by l.device_no, l.epoch collate "C"
for update of l`

const MERGE = `
update ledger l
set got = l.got + b.got::int8multirange, lost = (l.lost + b.lost::int8multirange) - (l.got + b.got::int8multirange), last_at = now()
from unnest($1::int[], $2::text[], $3::text[]) as b (no, got, lost)
where l.no = b.no
returning l.no, l.device_no, l.epoch, l.got::text, l.lost::text`

const REMEMBERED = 100_000

export interface Ledger {
  /** Takes the groups' numbers, fills in what the ledger then holds, and drops what it held before. Answers how many items those were. */
  take(connection: Connection, groups: readonly Group[]): Promise<number>
  forget(): void
}

export function createLedger(): Ledger {
  // Numbers of ledger rows: naming a known one keeps the upsert from using up the sequence.
  const numbers = new Map<string, number>()
  const idOf = (deviceNo: number, epoch: string) => `${deviceNo}/${epoch}`

  const settle = (group: Group, row: LedgerRow) => {
    if (numbers.size >= REMEMBERED) numbers.clear()
    numbers.set(idOf(group.deviceNo, group.epoch), row.no)
    group.ledgerNo = row.no
    group.got = parseMultirange(row.got)
    const lost = parseMultirange(row.lost)
    group.covered = lost.length === 0 ? group.got : unionRanges(group.got, lost)
  }
  const settleAll = (groups: readonly Group[], rows: readonly LedgerRow[]): Group[] => {
    const byId = new Map(rows.map((row) => [idOf(row.device_no, row.epoch), row]))
    return groups.filter((group) => {
      const row = byId.get(idOf(group.deviceNo, group.epoch))
      if (row) settle(group, row)
      return !row
    })
  }

  return {
    async take(connection, groups) {
      if (groups.length === 0) return 0
      const rows = await connection.query<LedgerRow>({
        name: 'ledger-take',
        text: TAKE,
        values: [
          groups.map((g) => numbers.get(idOf(g.deviceNo, g.epoch)) ?? 0),
          groups.map((g) => g.deviceNo),
          groups.map((g) => g.epoch),
          groups.map((g) => formatMultirange(freshRanges(g))),
          groups.map((g) => formatMultirange(normaliseRanges(lostRanges(g)))),
        ],
      })
      const overlapping = settleAll(groups, rows)
      return overlapping.length === 0 ? 0 : await takeRest(connection, overlapping)
    },
    forget: () => numbers.clear(),
  }

  async function takeRest(connection: Connection, groups: readonly Group[]): Promise<number> {
    const held = await connection.query<LedgerRow>({
      name: 'ledger-read',
      text: READ,
      values: [groups.map((g) => g.deviceNo), groups.map((g) => g.epoch)],
    })
    settleAll(groups, held)
    let duplicates = 0
    for (const group of groups) duplicates += dropKnown(group, group.got)
    const left = groups.filter((group) => group.fresh.length > 0)
    if (left.length === 0) return duplicates
    const merged = await connection.query<LedgerRow>({
      name: 'ledger-merge',
      text: MERGE,
      values: [left.map((g) => g.ledgerNo), left.map((g) => formatMultirange(freshRanges(g))), left.map((g) => formatMultirange(normaliseRanges(lostRanges(g))))],
    })
    settleAll(left, merged)
    return duplicates
  }
}

/** Ranges as the API and receipts count them: committed, or given up by the device. */
export function coveredBy(got: string, lost: string): readonly Range[] {
  return unionRanges(parseMultirange(got), parseMultirange(lost))
}
