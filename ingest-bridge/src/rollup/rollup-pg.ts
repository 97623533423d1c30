import { coreSignals, wireSignals } from '@vigil/contract'
import { segmentsTouching } from '../closing/segment-pg.ts'
import type { Connection } from '../store/connection.ts'
import { closedRows } from './closed-rows.ts'
import { DERIVED_LOCK } from '../store/derived-lock.ts'
import { type Bucket, ORPHANED_AFTER_MS } from './dirty-marks.ts'

const CLAIM = `
select extract(epoch from bucket)::float8 * 1000 as at, device_no, bridge
from rollup_dirty
where bucket <= to_timestamp($1::float8 / 1000) and (bridge = $2 or marked_at < now() - $3 * interval '1 ms')
order by bucket desc
limit $4`

// Locked in the order in which batches write them, newest marks included; then gone, and only then the samples are read.
const DELETE = `
with due as (
  select d.bucket, d.device_no, d.bridge
  from rollup_dirty d join unnest($1::float8[], $2::int[], $3::text[]) as b (at, device_no, bridge)
    on d.bucket = to_timestamp(b.at / 1000) and d.device_no = b.device_no and d.bridge = b.bridge
  order by d.bucket, d.device_no, d.bridge
  for update of d)
delete from rollup_dirty d using due where d.bucket = due.bucket and d.device_no = due.device_no and d.bridge = due.bridge`

const perColumn = (part: (name: string) => string, separator = ',\n    '): string => coreSignals.map(part).join(separator)

/** Where a bucket's rows are: one index scan per bucket, and beside it, where an hour is closed, the rows unpacked from its segment. */
const OPEN_ROWS = `
    select * from sample s
    where s.device_no = b.device_no and s.t >= b.bucket and s.t < b.bucket + interval '1 minute'`
const CLOSED_COLUMNS = ['device_no', 't', 'ledger_no', 'seq', ...coreSignals]
const CLOSED_TYPES = ['int', 'float8', 'int', 'int8', ...coreSignals.map(() => 'real')]
const FIRST_CLOSED = 3
const ALL_ROWS = `
    select s.t, s.ledger_no, s.seq, ${coreSignals.join(', ')} from sample s
    where s.device_no = b.device_no and s.t >= b.bucket and s.t < b.bucket + interval '1 minute'
    union all
    select to_timestamp(c.t / 1e6), c.ledger_no, c.seq, ${coreSignals.join(', ')} from closed c
    where c.device_no = b.device_no and c.t >= extract(epoch from b.bucket)::float8 * 1e6 and c.t < extract(epoch from b.bucket)::float8 * 1e6 + 6e7`
const CLOSED = `with closed as materialized (select * from unnest(${CLOSED_TYPES.map((type, i) => `$${i + FIRST_CLOSED}::${type}[]`).join(', ')}) as u (${CLOSED_COLUMNS.join(', ')}))`

// Samples only ever come: of fewer values than before, most of what it was made of has been dropped as too old. Then what it tells is all there is.
const REPLACE = `on conflict (device_no, signal, bucket) do update
set n = excluded.n, min = excluded.min, max = excluded.max, mean = excluded.mean, last = excluded.last
where excluded.n >= r.n`

// All columns aggregated in one pass; the values have no row order but that of the subquery.
const minutes = (rows: string): string => `
insert into rollup_1m as r (device_no, signal, bucket, n, min, max, mean, last)
select b.device_no, v.signal, b.bucket, v.n, v.min, v.max, v.mean, v.last
from (select distinct to_timestamp(u.at / 1000) as bucket, u.device_no from unnest($1::float8[], $2::int[]) as u (at, device_no)) as b
cross join lateral (
  select
    ${perColumn((c) => `count(${c}) as ${c}_n, min(${c}) as ${c}_min, max(${c}) as ${c}_max, avg(${c}) as ${c}_mean, (array_agg(${c}) filter (where ${c} is not null))[count(${c})] as ${c}_last`)}
  from (select * from (${rows}) as r order by t, ledger_no, seq) as s
) as w
cross join lateral (values
    ${perColumn((c) => `(${wireSignals[c as keyof typeof wireSignals][0]}, w.${c}_n, w.${c}_min, w.${c}_max, w.${c}_mean, w.${c}_last)`)}
) as v (signal, n, min, max, mean, last)
where v.n > 0
${REPLACE}`

const MINUTES = minutes(OPEN_ROWS)
const MINUTES_WITH_CLOSED = `${CLOSED}${minutes(ALL_ROWS)}`

const HOURS = `
insert into rollup_1h as r (device_no, signal, bucket, n, min, max, mean, last)
select m.device_no, m.signal, h.bucket, sum(m.n), min(m.min), max(m.max), sum(m.mean::float8 * m.n) / sum(m.n), (array_agg(m.last order by m.bucket desc))[1]
from (select distinct date_trunc('hour', to_timestamp(u.at / 1000), 'UTC') as bucket, u.device_no from unnest($1::float8[], $2::int[]) as u (at, device_no)) as h
cross join lateral (
  select * from rollup_1m m
  where m.device_no = h.device_no and m.signal = any($3::int2[]) and m.bucket >= h.bucket and m.bucket < h.bucket + interval '1 hour') as m
group by m.device_no, m.signal, h.bucket
${REPLACE}`

const codes = coreSignals.map((name) => wireSignals[name][0])

export interface Mark extends Bucket {
  readonly bridge: string
}

/** Marks whose minute began at `latest` or before, newest first: this bridge's own, and those of bridges that have stopped. */
export async function dueMarks(connection: Connection, { latest, bridge, most }: { latest: number; bridge: string; most: number }): Promise<Mark[]> {
  const rows = await connection.query<{ at: number; device_no: number; bridge: string }>({ name: 'due', text: CLAIM, values: [latest, bridge, ORPHANED_AFTER_MS, most] })
  return rows.map((row) => ({ at: row.at, deviceNo: row.device_no, bridge: row.bridge }))
}

/** Takes the marks away and recomputes their minutes and hours, in one transaction. */
export async function recompute(connection: Connection, marks: readonly Mark[]): Promise<void> {
  const at = marks.map((mark) => mark.at)
  const devices = marks.map((mark) => mark.deviceNo)
  await connection.query({ text: 'begin' })
  await connection.query({ text: 'select pg_advisory_xact_lock($1)', values: [DERIVED_LOCK] })
  await connection.query({ name: 'unmark', text: DELETE, values: [at, devices, marks.map((mark) => mark.bridge)] })
  const closed = closedRows(await segmentsTouching(connection, marks), marks)
  if (closed) await connection.query({ name: 'minutes-closed', text: MINUTES_WITH_CLOSED, values: [at, devices, ...closed] })
  else await connection.query({ name: 'minutes', text: MINUTES, values: [at, devices] })
  await connection.query({ name: 'hours', text: HOURS, values: [at, devices, codes] })
  await connection.commit()
}

/** Hands this bridge's marks to whoever runs next, without the wait for a bridge that vanished. */
export async function handOver(connection: Connection, bridge: string): Promise<void> {
  await connection.query({ text: `update rollup_dirty set marked_at = '-infinity' where bridge = $1`, values: [bridge] })
}
