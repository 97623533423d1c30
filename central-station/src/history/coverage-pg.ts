import { type Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { type Gap, type Surroundings } from './gaps.ts'
import { type Completeness } from './history-store.ts'
import { cutEvery, HOUR_MS, MINUTE_MS, type Source, type Span } from './spans.ts'

const LATE_LIMIT = 100_000
const EDGE_SAMPLES = 100

interface Stretch {
  readonly no: number
  readonly lo: number
  readonly hi: number
}

/** A span as short as this is read whole. */
const READ_WHOLE_MS = 6 * HOUR_MS
const MOST_PARTS = 2_000

/**
 * Ledger numbers a span runs through, per epoch: two index look-ups an hour, a scan only for hours in which the epoch
 * changed. Of two epochs alive at once (a cloned card) a few numbers at the ends can be overlooked in long spans.
 */
async function stretchesOf(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<Stretch[]> {
  if (toMs - fromMs <= READ_WHOLE_MS) return readStretches(database, deviceNo, fromMs, toMs)
  const parts = cutEvery(Math.max(HOUR_MS, (toMs - fromMs) / MOST_PARTS), fromMs, toMs)
  const rows = await database.query<{ a: number; b: number; first_no: number; first_seq: number; last_no: number; last_seq: number }>(
    `select p.a, p.b, f.ledger_no as first_no, f.seq as first_seq, l.ledger_no as last_no, l.seq as last_seq
     from unnest($2::timestamptz[], $3::timestamptz[]) as p(a, b)
     cross join lateral (select ledger_no, seq from sample s where s.device_no = $1 and s.t >= p.a and s.t < p.b order by s.t, s.seq limit 1) f
     cross join lateral (select ledger_no, seq from sample s where s.device_no = $1 and s.t >= p.a and s.t < p.b order by s.t desc, s.seq desc limit 1) l`,
    [deviceNo, parts.map((part) => iso(part.fromMs)), parts.map((part) => iso(part.toMs))],
  )
  const found: Stretch[] = []
  for (const { a, b, first_no, first_seq, last_no, last_seq } of rows) {
    if (first_no === last_no) found.push({ no: first_no, lo: Math.min(first_seq, last_seq), hi: Math.max(first_seq, last_seq) })
    else found.push(...(await readStretches(database, deviceNo, a, b)))
  }
  const whole = new Map<number, Stretch>()
  for (const { no, lo, hi } of found) {
    const known = whole.get(no)
    whole.set(no, { no, lo: Math.min(lo, known?.lo ?? lo), hi: Math.max(hi, known?.hi ?? hi) })
  }
  return [...whole.values()]
}

function readStretches(database: Database, deviceNo: number, fromMs: number, toMs: number): Promise<Stretch[]> {
  return database.query<Stretch>('select ledger_no as no, min(seq) as lo, max(seq) as hi from sample where device_no = $1 and t >= $2 and t < $3 group by ledger_no', [deviceNo, iso(fromMs), iso(toMs)])
}

export async function readCompleteness(database: Database, spans: readonly Span[]): Promise<Completeness> {
  const stretches: Stretch[] = []
  for (const span of spans) stretches.push(...(await stretchesOf(database, span)))
  const [row] = await database.query<{ expected: number | null; received: number | null }>(
    `select sum(q.hi - q.lo + 1)::int8 as expected,
            sum((select coalesce(sum(upper(r) - lower(r)), 0) from unnest(l.got * int8multirange(int8range(q.lo, q.hi, '[]'))) r))::int8 as received
     from jsonb_to_recordset($1::jsonb) as q(no int, lo int8, hi int8) join ledger l on l.no = q.no`,
    [JSON.stringify(stretches)],
  )
  const [expected, received] = [row?.expected ?? 0, row?.received ?? 0]
  return { expected, received, missing: expected - received }
}

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

export async function readSurroundings(database: Database, { deviceNo, fromMs, toMs }: Span, stretches: readonly Gap[], reachMs: number, silenceMs: number): Promise<Surroundings[]> {
  const rows = await database.query<{ before: number | null; after: number | null; first: number | null; last: number | null; inside: Gap[] | null }>(
    `select (select max(s.t) from sample s where s.device_no = $1 and s.t < g.a and s.t >= greatest(g.a - make_interval(secs => $4), $6)) as before,
            (select min(s.t) from sample s where s.device_no = $1 and s.t >= g.b and s.t < least(g.b + make_interval(secs => $4), $7)) as after,
            i.first, i.last, i.inside
     from unnest($2::timestamptz[], $3::timestamptz[]) with ordinality as g(a, b, place)
     cross join lateral (
       select min(t) as first, max(t) as last,
              json_agg(json_build_array((extract(epoch from previous) * 1000)::int8, (extract(epoch from t) * 1000)::int8) order by t)
                filter (where t - previous > make_interval(secs => $5)) as inside
       from (select s.t, lag(s.t) over (order by s.t) as previous from sample s where s.device_no = $1 and s.t >= g.a and s.t < g.b) step) i
     order by g.place`,
    [deviceNo, stretches.map(([a]) => iso(a)), stretches.map(([, b]) => iso(b)), reachMs / 1_000, silenceMs / 1_000, iso(fromMs), iso(toMs)],
  )
  return rows.map((row) => ({
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    first: row.first ?? undefined,
    last: row.last ?? undefined,
    inside: row.inside ?? [],
  }))
}

export async function readEdgeTimes(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<number[][]> {
  const read = async (order: 'asc' | 'desc') => {
    const rows = await database.query<{ t: number }>(`select t from sample where device_no = $1 and t >= $2 and t < $3 order by t ${order} limit ${EDGE_SAMPLES}`, [deviceNo, iso(fromMs), iso(toMs)])
    return rows.map((row) => row.t).sort((a, b) => a - b)
  }
  return [await read('asc'), await read('desc')]
}

export async function countLate(database: Database, spans: readonly Span[]): Promise<number> {
  let count = 0
  for (const { deviceNo, fromMs, toMs } of spans) {
    const [row] = await database.query<{ n: number }>(
      `select count(*) as n from (select 1 from sample where device_no = $1 and t >= $2 and t < $3 and lag_ms > 60000 limit ${LATE_LIMIT}) late`,
      [deviceNo, iso(fromMs), iso(toMs)],
    )
    count += row?.n ?? 0
  }
  return count
}
