import { coreSignals, type CoreSignalName } from '@vigil/contract'
import { type PackedSegment, type SegmentRows, unpackSegment } from '@vigil/contract/segments/segment'
import type { Connection } from '../store/connection.ts'

/** One UTC hour of one device. */
export interface DeviceHour {
  readonly deviceNo: number
  /** Start of the hour, ms since the Unix epoch. */
  readonly hourMs: number
}

const LATE_AFTER_MS = 60_000
const HEAD = ['device_no', 'hour', 'n', 'late', 'first_t', 'last_t', 'ledgers', 'seq_from', 'seq_to'] as const
const PACKED = ['t', 'seq', 'ledger_no', 'lag_ms', 'flags', ...coreSignals, 'quality', 'extra', 'other'] as const
const columns = [...HEAD, ...PACKED]

const WRITE = `
insert into segment (${columns.join(', ')})
values ($1, to_timestamp($2::float8 / 1e3), $3, $4, to_timestamp($5::float8 / 1e6), to_timestamp($6::float8 / 1e6), $7, $8, $9, ${PACKED.map((_, i) => `$${i + 1 + HEAD.length}`).join(', ')})
on conflict (device_no, hour) do update set ${columns.slice(2).map((name) => `${name} = excluded.${name}`).join(', ')}`

const READ = `select n, ${PACKED.join(', ')} from segment where device_no = $1 and hour = to_timestamp($2::float8 / 1e3) for update`

interface SegmentRecord extends Record<CoreSignalName, Buffer | null> {
  readonly n: number
  readonly t: Buffer
  readonly seq: Buffer
  readonly ledger_no: Buffer
  readonly lag_ms: Buffer
  readonly flags: Buffer
  readonly quality: Buffer | null
  readonly extra: Buffer | null
  readonly other: Buffer | null
}

/** The rows of a closed hour, locked against others until the transaction ends; `undefined` when none is closed. */
export async function lockSegment(connection: Connection, { deviceNo, hourMs }: DeviceHour): Promise<SegmentRows | undefined> {
  const [record] = await connection.query<SegmentRecord>({ name: 'segment-read', text: READ, values: [deviceNo, hourMs] })
  return record && unpackSegment(fromRecord(record), hourMs)
}

/** Writes the segment of an hour, in the place of the one that was there. */
export async function writeSegment(connection: Connection, { deviceNo, hourMs }: DeviceHour, rows: SegmentRows, packed: PackedSegment): Promise<void> {
  const { ledgers, from, to } = stretchesOf(rows)
  const late = rows.lagMs.reduce((count, lag) => count + (lag > LATE_AFTER_MS ? 1 : 0), 0)
  await connection.query({
    name: 'segment-write',
    text: WRITE,
    values: [
      deviceNo,
      hourMs,
      packed.n,
      late,
      rows.t[0],
      rows.t.at(-1),
      ledgers,
      from,
      to,
      ...[packed.t, packed.seq, packed.ledger_no, packed.lag_ms, packed.flags, ...coreSignals.map((name) => packed.values.get(name)), packed.quality, packed.extra, packed.other].map(toBuffer),
    ],
  })
}

/** Segments that hold rows of these minutes of these devices. */
export async function segmentsTouching(connection: Connection, buckets: readonly { readonly at: number; readonly deviceNo: number }[]): Promise<{ at: DeviceHour; rows: SegmentRows }[]> {
  const records = await connection.query<SegmentRecord & { device_no: number; hour_ms: number }>({
    name: 'segments-touching',
    text: `select s.device_no, extract(epoch from s.hour)::float8 * 1000 as hour_ms, s.n, ${PACKED.map((name) => `s.${name}`).join(', ')}
      from (select distinct device_no, date_trunc('hour', to_timestamp(at / 1000), 'UTC') as hour, min(at) over w as first_at, max(at) over w as last_at
            from unnest($1::float8[], $2::int[]) as u (at, device_no)
            window w as (partition by device_no, date_trunc('hour', to_timestamp(at / 1000), 'UTC'))) as b
      join segment s on s.device_no = b.device_no and s.hour = b.hour
      where s.last_t >= to_timestamp(b.first_at / 1000) and s.first_t < to_timestamp(b.last_at / 1000) + interval '1 minute'`,
    values: [buckets.map((bucket) => bucket.at), buckets.map((bucket) => bucket.deviceNo)],
  })
  return records.map((record) => ({ at: { deviceNo: record.device_no, hourMs: record.hour_ms }, rows: unpackSegment(fromRecord(record), record.hour_ms) }))
}

function fromRecord(record: SegmentRecord): PackedSegment {
  const values = new Map<CoreSignalName, Uint8Array>()
  for (const name of coreSignals) {
    const bytes = record[name]
    if (bytes) values.set(name, bytes)
  }
  return { ...record, values, quality: record.quality ?? undefined, extra: record.extra ?? undefined, other: record.other ?? undefined }
}

function toBuffer(bytes: Uint8Array | undefined): Buffer | null {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : null
}

/** The lowest and highest sequence number of each epoch. */
function stretchesOf({ ledgerNo, seq }: SegmentRows): { ledgers: number[]; from: number[]; to: number[] } {
  const stretches = new Map<number, [number, number]>()
  for (const [i, no] of ledgerNo.entries()) {
    const n = seq[i] as number
    const known = stretches.get(no)
    if (!known) stretches.set(no, [n, n])
    else if (n < known[0]) known[0] = n
    else if (n > known[1]) known[1] = n
  }
  return { ledgers: [...stretches.keys()], from: [...stretches.values()].map(([from]) => from), to: [...stretches.values()].map(([, to]) => to) }
}
