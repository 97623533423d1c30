import { type DeviceAddress, type Range, unionRanges } from '@vigil/contract'
import type { Database } from './connection.ts'
import { addressKey } from './device-registry.ts'
import { parseMultirange } from './multirange.ts'

export interface LedgerQuestion {
  readonly address: DeviceAddress
  readonly epoch: string
}

const ASK = `
select d.site, d.id, b.epoch, coalesce(ledger_got(l), '{}')::text as got, coalesce(ledger_lost(l), '{}')::text as lost
from unnest($1::text[], $2::text[], $3::text[]) as b (site, id, epoch)
join device d on d.id = b.id and d.site = b.site and d.retired_at is null
left join ledger l on l.device_no = d.no and l.epoch = b.epoch`

interface Row {
  site: string
  id: string
  epoch: string
  got: string
  lost: string
}

/** What the ledger holds of these epochs, by `pairKey`; an epoch it has never seen holds nothing, an unknown device is left out. */
export async function askLedger(database: Database, questions: readonly LedgerQuestion[]): Promise<ReadonlyMap<string, readonly Range[]>> {
  const rows = await database.use((connection) =>
    connection.query<Row>({
      name: 'ledger-ask',
      text: ASK,
      values: [questions.map((q) => q.address.site), questions.map((q) => q.address.device), questions.map((q) => q.epoch)],
    }),
  )
  return new Map(rows.map((row) => [pairKey({ site: row.site, device: row.id }, row.epoch), unionRanges(parseMultirange(row.got), parseMultirange(row.lost))]))
}

export function pairKey(address: DeviceAddress, epoch: string): string {
  return `${addressKey(address)}/${epoch}`
}
