import { coreSignals, type Signal, signalByCode, signalByName, type SignalName, signals as allSignals } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import { type Point, type RawSamples } from './history-store.ts'
import { type Piece, pieces, type Source, type Span } from './spans.ts'

const core: ReadonlySet<string> = new Set(coreSignals)

/** Values of signals without a column, as the bridge keeps them in `other`. */
const EXTRA = `s.other->'m'`

/** SQL for one signal's value in `sample s`. Names and codes come from the catalogue, never from a caller. */
function valueOf(name: SignalName): string {
  return core.has(name) ? `s.${name}` : `(${EXTRA}->>'${name}')::real`
}

type Extra = Readonly<Record<string, number>> | null
type RawRow = Readonly<Record<string, readonly unknown[] | null>>

/** One row of JSON arrays instead of thousands of rows: reading rows one by one takes `pg` far longer than PostgreSQL needs to find them. */
export async function readRaw(database: Database, span: Span, wanted: readonly Signal[] | undefined, limit: number): Promise<RawSamples | undefined> {
  const names: readonly SignalName[] = wanted?.map((signal) => signal.name) ?? coreSignals
  const fields = [['ms', '(extract(epoch from s.t) * 1000)::int8'], ...names.map((name) => [name, valueOf(name)]), ...(wanted ? [] : [['extra', EXTRA]])]
  const row = await one<RawRow>(
    database,
    `select ${fields.map(([as]) => `json_agg(f.${as}) as ${as}`).join(', ')}
     from (select ${fields.map(([as, value]) => `${value} as ${as}`).join(', ')}
           from sample s where s.device_no = $1 and s.t >= $2 and s.t < $3 order by s.t, s.seq limit $4) f`,
    [span.deviceNo, iso(span.fromMs), iso(span.toMs), limit + 1],
  )
  const column = (as: string): readonly unknown[] => row?.[as] ?? []
  const times = column('ms') as readonly number[]
  if (times.length > limit) return undefined
  const columns = new Map(names.map((name): [SignalName, readonly (number | null)[]] => [name, column(name) as (number | null)[]]))
  if (!wanted) spread(column('extra') as Extra[], columns)
  return { times, columns }
}

/** Signals without a column of their own, as columns. */
function spread(extras: readonly Extra[], columns: Map<SignalName, readonly (number | null)[]>): void {
  const names = new Set(extras.flatMap((extra) => (extra ? Object.keys(extra) : [])))
  for (const name of names) {
    const signal = signalByName(name)?.name
    if (signal) columns.set(signal, extras.map((extra) => extra?.[name] ?? null))
  }
}

/** Merges roll-ups and the raw ends into buckets inside PostgreSQL; one JSON array of points per signal comes back. */
export async function readBuckets(
  database: Database,
  spans: readonly Span[],
  wanted: readonly Signal[] | undefined,
  { source, bucketMs, fromMs }: { source: Source; bucketMs: number; fromMs: number },
): Promise<ReadonlyMap<SignalName, readonly Point[]>> {
  const parts = spans.flatMap((span) => pieces(span, source))
  if (parts.length === 0) return new Map()
  const values: unknown[] = [bucketMs, fromMs]
  const place = (value: unknown) => `$${values.push(value)}`
  const sources = parts.map((piece) => selectPiece(piece, wanted, place))
  const rows = await database.query<{ signal: number; points: Point[] }>(
    `select signal, json_agg(json_build_array(greatest(b, $2::int8), mn, mean, mx) order by b) as points
     from (select signal, floor(extract(epoch from t) * 1000 / $1)::int8 * $1::int8 as b, min(mn) as mn, (sum(mean * n) / sum(n))::real as mean, max(mx) as mx
           from (${sources.join(' union all ')}) part group by 1, 2) bucket
     group by signal order by signal`,
    values,
  )
  return new Map(rows.flatMap(({ signal, points }): [SignalName, Point[]][] => {
    const name = signalByCode(signal)?.name
    return name === undefined ? [] : [[name, points]]
  }))
}

function selectPiece({ source, deviceNo, fromMs, toMs }: Piece, wanted: readonly Signal[] | undefined, place: (value: unknown) => string): string {
  const [device, from, to] = [place(deviceNo), place(iso(fromMs)), place(iso(toMs))]
  if (source !== 'sample') {
    const only = wanted === undefined ? '' : `and signal = any(${place(wanted.map((signal) => signal.code))}::smallint[])`
    return `select signal, bucket as t, n, min::float8 as mn, max::float8 as mx, mean::float8 as mean from ${source}
            where device_no = ${device} and bucket >= ${from} and bucket < ${to} ${only}`
  }
  const unpivoted = (wanted ?? allSignals).map(({ code, name }) => `(${code}::smallint, ${valueOf(name)})`)
  return `select v.signal, s.t, 1 as n, v.v::float8 as mn, v.v::float8 as mx, v.v::float8 as mean from sample s cross join lateral (values ${unpivoted.join(', ')}) v(signal, v)
          where s.device_no = ${device} and s.t >= ${from} and s.t < ${to} and v.v is not null`
}
