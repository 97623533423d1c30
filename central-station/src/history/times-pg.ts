import { unpackTimesMs } from '@vigil/contract/segments/segment'
import type { Database } from '../db/database.ts'
import { readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import { concat, firstFrom } from './columns.ts'
import type { Gap, Surroundings } from './gaps.ts'
import { HOUR_MS, type Span } from './spans.ts'

const EDGE_SAMPLES = 100
/** Segments looked into at either end of a span: a live device's hour holds more than enough. */
const EDGE_SEGMENTS = 2

interface TimesRecord {
  readonly hour_no: number
  readonly n: number
  readonly t: Buffer
}
const TIMES = `(date_part('epoch', s.hour) / 3600)::int4 as hour_no, s.n, s.t`
const OPEN_MS = `array_send(array_agg(date_part('epoch', t) * 1000)) as ms`

export interface Asked {
  readonly stretches: readonly Gap[]
  readonly reachMs: number
  readonly silenceMs: number
}

/** Samples around and inside each stretch. The open ones are read first: one that is just being closed is seen twice at worst. */
export async function readSurroundings(database: Database, span: Span, { stretches, reachMs, silenceMs }: Asked): Promise<Surroundings[]> {
  if (stretches.length === 0) return []
  const values = [span.deviceNo, stretches.map(([a]) => iso(a - reachMs)), stretches.map(([, b]) => iso(b + reachMs))]
  const around = 'unnest($2::timestamptz[], $3::timestamptz[]) as g(a, b)'
  const open = await database.query<{ ms: Buffer | null }>(`select ${OPEN_MS} from ${around} cross join lateral (select s.t from sample s where s.device_no = $1 and s.t >= g.a and s.t < g.b) s`, values)
  const closed = await database.query<TimesRecord>(
    `select ${TIMES} from segment s where s.device_no = $1 and s.hour in
       (select h from ${around} cross join lateral generate_series(date_trunc('hour', g.a, 'UTC'), g.b, interval '1 hour') as h)`,
    values,
  )
  const times = concat([...open.map(({ ms }) => roundedMs(ms)), ...closed.map(timesOf)]).filter((t) => t >= span.fromMs && t < span.toMs).sort()
  return stretches.map((stretch) => surround(times, stretch, reachMs, silenceMs))
}

/** Times of the first and of the last samples of a span. */
export async function readEdgeTimes(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<Float64Array[]> {
  const read = async (order: 'asc' | 'desc') => {
    const values = [deviceNo, iso(fromMs), iso(toMs)]
    const open = await database.query<{ ms: Buffer | null }>(`select ${OPEN_MS} from (select t from sample where device_no = $1 and t >= $2 and t < $3 order by t ${order} limit ${EDGE_SAMPLES}) s`, values)
    const closed = await database.query<TimesRecord>(
      `select ${TIMES} from segment s where s.device_no = $1 and s.hour > $2::timestamptz - interval '1 hour' and s.hour < $3 and s.last_t >= $2 and s.first_t < $3 order by s.hour ${order} limit ${EDGE_SEGMENTS}`,
      values,
    )
    const times = concat([...open.map(({ ms }) => roundedMs(ms)), ...closed.map(timesOf)]).filter((t) => t >= fromMs && t < toMs).sort()
    return order === 'asc' ? times.subarray(0, EDGE_SAMPLES) : times.subarray(-EDGE_SAMPLES)
  }
  return [await read('asc'), await read('desc')]
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

function timesOf({ hour_no, n, t }: TimesRecord): Float64Array {
  const times = new Float64Array(n)
  unpackTimesMs(t, hour_no * HOUR_MS, times)
  return times
}

function roundedMs(sent: Buffer | null): Float64Array {
  return readSentNumbers(sent).map(Math.round)
}
