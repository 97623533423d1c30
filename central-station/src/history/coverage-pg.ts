import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { readClosedEdges } from './closed-edges-pg.ts'
import type { Gap } from './gaps.ts'
import { HOUR_MS, MINUTE_MS, type Source, type Span } from './spans.ts'

const LATE_LIMIT = 100_000
const LATE_AFTER_MS = 60_000

/** Runs of adjacent buckets with anything in them (gaps and islands). */
export async function readCoveredRuns(database: Database, { deviceNo, fromMs, toMs }: Span, source: Exclude<Source, 'sample'>): Promise<Gap[]> {
  const bucketMs = source === 'rollup_1h' ? HOUR_MS : MINUTE_MS
  const rows = await database.query<{ a: number; b: number }>(
    `select min(bucket) as a, max(bucket) as b
     from (select bucket, bucket - row_number() over (order by bucket) * make_interval(secs => $4) as run
           from (select distinct bucket from ${source} where device_no = $1 and bucket >= $2 and bucket < $3) present) island
     group by run order by 1`,
    [deviceNo, iso(Math.floor(fromMs / bucketMs) * bucketMs), iso(toMs), bucketMs / 1_000],
  )
  return rows.map(({ a, b }): Gap => [a, b + bucketMs])
}

/** The open samples first: one that is just being closed is counted twice at worst. */
export async function countLate(database: Database, spans: readonly Span[]): Promise<number> {
  let count = 0
  for (const span of spans) {
    const values = [span.deviceNo, iso(span.fromMs), iso(span.toMs)]
    const [open] = await database.query<{ n: number }>(
      `select count(*) as n from (select 1 from sample where device_no = $1 and t >= $2 and t < $3 and lag_ms > ${LATE_AFTER_MS} limit ${LATE_LIMIT}) late`,
      values,
    )
    const [closed] = await database.query<{ n: number }>(
      `select coalesce(sum(late), 0)::int8 as n from segment where device_no = $1 and hour > $2::timestamptz - interval '1 hour' and hour < $3 and first_t >= $2 and last_t < $3`,
      values,
    )
    count += (open?.n ?? 0) + (closed?.n ?? 0)
    for (const { lagMs } of await readClosedEdges(database, span)) for (const lag of lagMs) if (lag > LATE_AFTER_MS) count++
  }
  return Math.min(count, LATE_LIMIT)
}
