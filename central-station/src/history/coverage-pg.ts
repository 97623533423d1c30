import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { readClosedEdges } from './closed-edges-pg.ts'
import { type Gap, uncovered } from './gaps.ts'
import { HOUR_MS, MINUTE_MS, type Source, type Span } from './spans.ts'

const LATE_LIMIT = 100_000
const LATE_AFTER_MS = 60_000
const MINUTES_AN_HOUR = HOUR_MS / MINUTE_MS

/** Runs of adjacent buckets with anything in them. */
export async function readCoveredRuns(database: Database, { deviceNo, fromMs, toMs }: Span, source: Exclude<Source, 'sample'>): Promise<Gap[]> {
  const bucketMs = source === 'rollup_1h' ? HOUR_MS : MINUTE_MS
  const whole: Gap = [Math.floor(fromMs / bucketMs) * bucketMs, toMs]
  if (source === 'rollup_1h') return readRuns(database, deviceNo, [whole], source)
  // Most hours hold a value of the same signal in every minute; only the others are looked through with all signals.
  const full = await readFullHours(database, deviceNo, whole)
  const rest = await readRuns(database, deviceNo, uncovered(full, ...whole), source)
  return [...full, ...rest].sort(([a], [b]) => a - b)
}

/** Runs of adjacent hours of which the signal with the most values has every minute: an hour is counted in the index alone. */
function readFullHours(database: Database, deviceNo: number, [fromMs, toMs]: Gap): Promise<Gap[]> {
  return readIslands(
    database,
    `select h.bucket from rollup_1h h
     cross join lateral (select count(*) as n from rollup_1m m where m.device_no = $1 and m.signal = h.signal and m.bucket >= h.bucket and m.bucket < h.bucket + interval '1 hour') m
     where h.device_no = $1 and h.bucket >= $2 and h.bucket <= $3::timestamptz - interval '1 hour' and m.n = ${MINUTES_AN_HOUR}
       and h.signal = (select b.signal from rollup_1h b where b.device_no = $1 and b.bucket >= $2 and b.bucket < $3 group by b.signal order by count(*) desc, sum(b.n) desc, b.signal limit 1)`,
    [deviceNo, iso(fromMs), iso(toMs)],
    HOUR_MS,
  )
}

async function readRuns(database: Database, deviceNo: number, stretches: readonly Gap[], source: Exclude<Source, 'sample'>): Promise<Gap[]> {
  if (stretches.length === 0) return []
  return readIslands(
    database,
    `select distinct r.bucket from unnest($2::timestamptz[], $3::timestamptz[]) as g(a, b)
     cross join lateral (select bucket from ${source} where device_no = $1 and bucket >= g.a and bucket < g.b) r`,
    [deviceNo, stretches.map(([a]) => iso(a)), stretches.map(([, b]) => iso(b))],
    source === 'rollup_1h' ? HOUR_MS : MINUTE_MS,
  )
}

/** Gaps and islands of the buckets a statement with three values answers: less their number in order they are the same throughout a run. */
async function readIslands(database: Database, buckets: string, values: readonly unknown[], bucketMs: number): Promise<Gap[]> {
  const rows = await database.query<{ a: number; b: number }>(
    `select min(bucket) as a, max(bucket) as b
     from (select bucket, bucket - row_number() over (order by bucket) * make_interval(secs => $4) as run from (${buckets}) present) island
     group by run order by 1`,
    [...values, bucketMs / 1_000],
  )
  return rows.map(({ a, b }): Gap => [a, b + bucketMs])
}

/** One statement, and so one moment; but for the rows of hours that an end of the span cuts, which may be seen twice while they are closed. */
export async function countLate(database: Database, spans: readonly Span[]): Promise<number> {
  let count = 0
  for (const span of spans) {
    const [row] = await database.query<{ n: number }>(
      `select (select count(*) from (select 1 from sample where device_no = $1 and t >= $2 and t < $3 and lag_ms > ${LATE_AFTER_MS} limit ${LATE_LIMIT}) late)
         + (select coalesce(sum(late), 0) from segment where device_no = $1 and hour > $2::timestamptz - interval '1 hour' and hour < $3 and first_t >= $2 and last_t < $3)::int8 as n`,
      [span.deviceNo, iso(span.fromMs), iso(span.toMs)],
    )
    count += row?.n ?? 0
    for (const { lagMs } of await readClosedEdges(database, span)) for (const lag of lagMs) if (lag > LATE_AFTER_MS) count++
  }
  return Math.min(count, LATE_LIMIT)
}
