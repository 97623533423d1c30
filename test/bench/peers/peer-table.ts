import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'

/** What peers write to: the same five vitals, and the key without which a message sent twice would be there twice. */
const TABLE = `create table peer_sample (
  device text not null, epoch text not null, seq bigint not null, t timestamptz not null,
  pr real, spo2 real, pi real, temp real, rr real,
  unique (device, epoch, seq))`

export const INSERT = `insert into peer_sample (device, epoch, seq, t, pr, spo2, pi, temp, rr)
values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, $8, $9) on conflict do nothing`

export async function makePeerDatabase(stage: Stage): Promise<string> {
  const url = await (await stage.postgres()).createEmptyDatabase()
  await query(url, TABLE)
  return url
}

/** How many rows of an epoch are stored. */
export async function storedRows(url: string, epoch: string): Promise<number> {
  const [row] = await query<{ n: string }>(url, 'select count(*) as n from peer_sample where epoch = $1', [epoch])
  return Number(row?.n)
}
