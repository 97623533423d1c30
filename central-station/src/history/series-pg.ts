import { coreSignals, type Signal, signalByCode, signalByName, type SignalName } from '@vigil/contract'
import { shortestOf } from '@vigil/contract/segments/value-column'
import type { Database } from '../db/database.ts'
import { readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import type { Point, RawSamples } from './history-store.ts'
import { readRows } from './rows-pg.ts'
import { type Piece, pieces, type Source, type Span } from './spans.ts'

/** Samples of a span, with the signals asked for; `undefined` when there are more than `limit`. */
export async function readRaw(database: Database, span: Span, wanted: readonly Signal[] | undefined, limit: number): Promise<RawSamples | undefined> {
  const rows = await readRows(database, span, { signals: wanted ?? 'all', limit })
  if (!rows) return undefined
  const names: readonly SignalName[] = wanted?.map((signal) => signal.name) ?? [...new Set([...coreSignals, ...rows.signals.keys()])]
  const columns = names.flatMap((name) => {
    const column = rows.signals.get(name)
    return column ? [[name, column] as const] : []
  })
  return { times: rows.t, columns: new Map(columns) }
}

/** A bucket of one signal while it is put together. */
interface Bucket {
  n: number
  min: number
  max: number
  sum: number
}
type Buckets = Map<SignalName, Map<number, Bucket>>

interface BucketsAsked {
  readonly source: Source
  readonly bucketMs: number
  readonly fromMs: number
}

/** Roll-ups merged into buckets inside PostgreSQL, and the ends of the spans, which no roll-up may answer for, from the samples. */
export async function readBuckets(database: Database, spans: readonly Span[], wanted: readonly Signal[] | undefined, { source, bucketMs, fromMs }: BucketsAsked): Promise<ReadonlyMap<SignalName, readonly Point[]>> {
  const buckets: Buckets = new Map()
  const parts = spans.flatMap((span) => pieces(span, source).map((piece) => ({ span, piece })))
  await addRollUps(database, parts.map(({ piece }) => piece).filter((piece) => piece.source !== 'sample'), { wanted, bucketMs, buckets })
  for (const { span, piece } of parts) if (piece.source === 'sample') await addSamples(database, { ...span, ...piece }, { wanted, bucketMs, buckets })
  const byCode = [...buckets].sort(([a], [b]) => codeOf(a) - codeOf(b))
  return new Map(byCode.map(([name, found]) => [name, pointsOf(found, fromMs)]))
}

interface Adding {
  readonly wanted: readonly Signal[] | undefined
  readonly bucketMs: number
  readonly buckets: Buckets
}

async function addRollUps(database: Database, parts: readonly Piece[], { wanted, bucketMs, buckets }: Adding): Promise<void> {
  if (parts.length === 0) return
  const values: unknown[] = [bucketMs / 1_000]
  const place = (value: unknown) => `$${values.push(value)}`
  const only = wanted === undefined ? '' : `and signal = any(${place(wanted.map((signal) => signal.code))}::smallint[])`
  const sources = parts.map(({ source, deviceNo, fromMs, toMs }) => `select signal, bucket, n, min, max, mean from ${source} where device_no = ${place(deviceNo)} and bucket >= ${place(iso(fromMs))} and bucket < ${place(iso(toMs))} ${only}`)
  const rows = await database.query<{ signal: number } & Record<'b' | 'n' | 'mn' | 'mx' | 'sum', Buffer>>(
    `select signal::int4 as signal, ${['b', 'n', 'mn', 'mx', 'sum'].map((name) => `array_send(array_agg(${name})) as ${name}`).join(', ')}
     from (select signal, floor(date_part('epoch', bucket) / $1::float8) as b, sum(n)::float8 as n, min(min)::float8 as mn, max(max)::float8 as mx, sum(mean::float8 * n) as sum
           from (${sources.join(' union all ')}) part group by 1, 2) bucket
     group by signal`,
    values,
  )
  for (const row of rows) {
    const name = signalByCode(row.signal)?.name
    if (name === undefined) continue
    const [b, n, min, max, sum] = [row.b, row.n, row.mn, row.mx, row.sum].map(readSentNumbers)
    for (const [i, at] of (b as Float64Array).entries()) add(buckets, name, at * bucketMs, { n: n?.[i] as number, min: min?.[i] as number, max: max?.[i] as number, sum: sum?.[i] as number })
  }
}

async function addSamples(database: Database, span: Span, { wanted, bucketMs, buckets }: Adding): Promise<void> {
  const rows = await readRows(database, span, { signals: wanted ?? 'all' })
  for (const [name, column] of rows?.signals ?? []) {
    for (const [i, value] of column.entries()) {
      if (!Number.isNaN(value)) add(buckets, name, Math.floor((rows?.t[i] as number) / bucketMs) * bucketMs, { n: 1, min: value, max: value, sum: value })
    }
  }
}

function add(buckets: Buckets, name: SignalName, at: number, more: Bucket): void {
  const found = buckets.get(name) ?? new Map<number, Bucket>()
  if (found.size === 0) buckets.set(name, found)
  const known = found.get(at)
  if (!known) return void found.set(at, more)
  known.n += more.n
  known.sum += more.sum
  known.min = Math.min(known.min, more.min)
  known.max = Math.max(known.max, more.max)
}

function pointsOf(found: ReadonlyMap<number, Bucket>, fromMs: number): Point[] {
  return [...found].sort(([a], [b]) => a - b).map(([at, { n, min, max, sum }]) => [Math.max(at, fromMs), shortestOf(min), shortestOf(Math.fround(sum / n)), shortestOf(max)])
}

function codeOf(name: SignalName): number {
  return signalByName(name)?.code ?? 0
}
