import { unpackColumn, unpackTimes } from '@vigil/contract/segments/segment'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { firstFrom } from './columns.ts'
import { HOUR_MS, type Span } from './spans.ts'

const US_PER_MS = 1_000

interface EdgeRecord {
  readonly hour_no: number
  readonly n: number
  readonly t: Buffer
  readonly ledger_no: Buffer
  readonly seq: Buffer
  readonly lag_ms: Buffer
}

/** Rows inside a span of the segments that its ends cut: at most two, each with some rows outside. */
export async function readClosedEdges(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<{ ledgerNo: Float64Array; seq: Float64Array; lagMs: Float64Array }[]> {
  const hours = hoursCut(fromMs, toMs)
  if (hours.length === 0) return []
  const records = await database.query<EdgeRecord>(
    `select (date_part('epoch', hour) / 3600)::int4 as hour_no, n, t, ledger_no, seq, lag_ms from segment
     where device_no = $1 and hour = any($4::timestamptz[]) and (first_t < $2 or last_t >= $3)`,
    [deviceNo, iso(fromMs), iso(toMs), hours.map(iso)],
  )
  return records.map(({ hour_no, n, ...packed }) => {
    const t = unpackTimes(packed.t, n, hour_no * HOUR_MS)
    const [from, to] = [firstFrom(t, fromMs * US_PER_MS), firstFrom(t, toMs * US_PER_MS)]
    const inside = (bytes: Buffer) => unpackColumn(bytes, n).subarray(from, to)
    return { ledgerNo: inside(packed.ledger_no), seq: inside(packed.seq), lagMs: inside(packed.lag_ms) }
  })
}

/** Hours in which a span begins or ends, but not those it begins or ends with. */
function hoursCut(fromMs: number, toMs: number): number[] {
  const cut = [fromMs, toMs].filter((t) => t % HOUR_MS !== 0).map((t) => Math.floor(t / HOUR_MS) * HOUR_MS)
  return [...new Set(cut)]
}
