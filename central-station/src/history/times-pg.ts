import { unpackTimesMs } from '@vigil/contract/segments/segment'
import type { Database } from '../db/database.ts'
import { readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import { concat, firstFrom, inOrder } from './columns.ts'
import type { Gap, Surroundings } from './gaps.ts'
import { HOUR_MS, type Span } from './spans.ts'

const EDGE_SAMPLES = 100
/** Segments looked into at either end of a span: a live device's hour holds more than enough. */
const EDGE_SEGMENTS = 2

/** Times of a closed hour, packed; or of open samples, as PostgreSQL sends an array: without `hour_no`. */
interface TimesRecord {
  readonly hour_no: number | null
  readonly n: number
  readonly t: Buffer | null
}
const CLOSED = `(date_part('epoch', s.hour) / 3600)::int4 as hour_no, s.n, s.t`
const OPEN = `null::int4 as hour_no, 0 as n, array_send(array_agg(date_part('epoch', s.t) * 1000)) as t`

export interface Asked {
  readonly stretches: readonly Gap[]
  readonly reachMs: number
  readonly silenceMs: number
}

/** Samples around and inside each stretch. One statement, and so one moment: what is just being closed is seen in one place. */
export async function readSurroundings(database: Database, span: Span, { stretches, reachMs, silenceMs }: Asked): Promise<Surroundings[]> {
  if (stretches.length === 0) return []
  const around = 'unnest($2::timestamptz[], $3::timestamptz[]) as g(a, b)'
  const records = await database.query<TimesRecord>(
    `select ${OPEN} from ${around} cross join lateral (select s.t from sample s where s.device_no = $1 and s.t >= g.a and s.t < g.b) s
     union all
     select ${CLOSED} from segment s where s.device_no = $1 and s.hour in
       (select h from ${around} cross join lateral generate_series(date_trunc('hour', g.a, 'UTC'), g.b, interval '1 hour') as h)`,
    [span.deviceNo, stretches.map(([a]) => iso(a - reachMs)), stretches.map(([, b]) => iso(b + reachMs))],
  )
  const times = timesWithin(records, span)
  return stretches.map((stretch) => surround(times, stretch, reachMs, silenceMs))
}

/** Times of the first and of the last samples of a span; one statement, and so one moment. */
export async function readEdgeTimes(database: Database, span: Span): Promise<Float64Array[]> {
  const edge = (order: 'asc' | 'desc') => `
    select '${order}' as edge, ${OPEN} from (select t from sample where device_no = $1 and t >= $2 and t < $3 order by t ${order} limit ${EDGE_SAMPLES}) s
    union all
    (select '${order}', ${CLOSED} from segment s where s.device_no = $1 and s.hour > $2::timestamptz - interval '1 hour' and s.hour < $3 and s.last_t >= $2 and s.first_t < $3 order by s.hour ${order} limit ${EDGE_SEGMENTS})`
  const records = await database.query<TimesRecord & { edge: 'asc' | 'desc' }>(`${edge('asc')} union all ${edge('desc')}`, [span.deviceNo, iso(span.fromMs), iso(span.toMs)])
  const at = (order: 'asc' | 'desc') => timesWithin(records.filter(({ edge }) => edge === order), span)
  return [at('asc').subarray(0, EDGE_SAMPLES), at('desc').subarray(-EDGE_SAMPLES)]
}

function surround(times: Float64Array, [a, b]: Gap, reachMs: number, silenceMs: number): Surroundings {
  const [start, end] = [firstFrom(times, a), firstFrom(times, b)]
  const [before, after] = [times[start - 1], times[end]]
  const inside: Gap[] = []
  for (let i = start + 1; i < end; i++) {
    const [previous, t] = [times[i - 1] as number, times[i] as number]
    if (t - previous > silenceMs) inside.push([previous, t])
  }
  return {
    before: before !== undefined && before >= a - reachMs ? before : undefined,
    after: after !== undefined && after < b + reachMs ? after : undefined,
    first: start < end ? times[start] : undefined,
    last: start < end ? times[end - 1] : undefined,
    inside,
  }
}

function timesWithin(records: readonly TimesRecord[], { fromMs, toMs }: Span): Float64Array {
  const times = inOrder(concat(records.map(timesOf)))
  return times.subarray(firstFrom(times, fromMs), firstFrom(times, toMs))
}

function timesOf({ hour_no, n, t }: TimesRecord): Float64Array {
  if (hour_no === null) return readSentNumbers(t).map(Math.round)
  const times = new Float64Array(n)
  unpackTimesMs(t as Buffer, hour_no * HOUR_MS, times)
  return times
}
