import { coreSignals, signalByName, type CoreSignalName, type Signal, type SignalName } from '@vigil/contract'
import { extraSignalsOf } from '@vigil/contract/segments/other-column'
import { unpackQualities } from '@vigil/contract/segments/quality-column'
import { unpackColumn, unpackTimes } from '@vigil/contract/segments/segment'
import { shortestOf, unpackValues } from '@vigil/contract/segments/value-column'
import type { Database } from '../db/database.ts'
import { readSentBytes, readSentJson, readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import { concat } from './columns.ts'
import { HOUR_MS, type Span } from './spans.ts'

const core: ReadonlySet<string> = new Set(coreSignals)
const US_PER_MS = 1_000

export type NumberColumn = 'seq' | 'ledger_no' | 'lag_ms' | 'flags'

export interface WantedColumns {
  readonly numbers?: readonly NumberColumn[]
  /** Signals; `all` for every one there is. */
  readonly signals?: readonly Signal[] | 'all'
  /** Remarks about the values too. */
  readonly quality?: boolean
  /** Most rows; more answer `undefined`. */
  readonly limit?: number
}

/** Samples of a span in order of time, column by column, whether their hour is closed or not. */
export interface Rows {
  /** Milliseconds since the Unix epoch. */
  readonly t: Float64Array
  readonly numbers: ReadonlyMap<NumberColumn, Float64Array>
  /** NaN where a sample does not hold the signal. */
  readonly signals: ReadonlyMap<SignalName, Float64Array>
  /** Packed as `contract/src/quality.ts` does; empty unless asked for. */
  readonly quality: readonly (Uint8Array | undefined)[]
}

interface Part {
  readonly t: Float64Array
  readonly numbers: Map<NumberColumn, Float64Array>
  readonly signals: Map<SignalName, Float64Array>
  readonly quality: (Uint8Array | undefined)[]
}

type PartRecord = { readonly place: number; readonly n: number; readonly t: Buffer | null; readonly extra: Buffer | null; readonly other: Buffer | null } & Readonly<Record<string, Buffer | number | null>>

/**
 * `place` of the row that tells how many samples the whole closed hours hold, and of the open samples; others are
 * hours since 1970.
 */
const COUNTED = 0
const OPEN = 1

/**
 * One statement, and so one moment: a row that is just being closed is seen in one place. Columns come as packed bytes; reading
 * rows one by one takes `pg` far longer than PostgreSQL needs to find them.
 */
export async function readRows(database: Database, span: Span, { numbers = [], signals = [], quality = false, limit = 2 ** 31 - 2 }: WantedColumns): Promise<Rows | undefined> {
  const asked = signalsAsked(signals)
  const columns = [...numbers, ...asked.names, ...(quality ? ['quality'] : [])]
  const records = await database.query<PartRecord>(statement(columns, asked.extra), [span.deviceNo, iso(span.fromMs), iso(span.toMs), limit])
  const counted = records.find((record) => record.place === COUNTED)?.n ?? 0
  if (counted > limit) return undefined
  const rows = joinParts(partsOf(records, span, { numbers, ...asked }))
  return rows.t.length > limit ? undefined : rows
}

/** Signals with a column of their own by name; of the others, those that count, or all. */
function signalsAsked(signals: NonNullable<WantedColumns['signals']>): Pick<ClosedWanted, 'names' | 'wanted'> & { readonly extra: boolean } {
  if (signals === 'all') return { names: coreSignals, extra: true, wanted: undefined }
  const names = signals.map((signal) => signal.name)
  const own = names.filter((name): name is CoreSignalName => core.has(name))
  const extra = own.length < names.length
  return { names: own, extra, wanted: extra ? new Set(names) : undefined }
}

function partsOf(records: readonly PartRecord[], span: Span, asked: ClosedWanted): Part[] {
  const holding = records.filter((record) => record.place !== COUNTED).sort(byTime)
  return holding.map((record) => (record.place === OPEN ? openPart(record, asked.numbers, asked.names, asked.wanted) : closedPart(record, span, asked)))
}

function statement(columns: readonly string[], extra: boolean): string {
  const each = (part: (name: string) => string) => columns.map((name) => `, ${part(name)}`).join('')
  const nothing = 'null::bytea'
  const hours = `s.device_no = $1 and s.hour > $2::timestamptz - interval '1 hour' and s.hour < $3`
  return `
    with counted as (select coalesce(sum(s.n), 0)::int4 as n from segment s where s.device_no = $1 and s.hour >= $2 and s.hour <= $3::timestamptz - interval '1 hour')
    select ${COUNTED}::int4 as place, n, ${nothing} as t${each((name) => `${nothing} as ${name}`)}, ${nothing} as extra, ${nothing} as other from counted
    union all
    select ${OPEN}, count(*)::int4, array_send(array_agg(date_part('epoch', f.t) * 1000))${each((name) => `array_send(array_agg(f.${name}))`)}, ${extra ? `array_send(array_agg(f.other->'m'))` : nothing}, ${nothing}
    from (select s.t${each((name) => `s.${name}`)}${extra ? ', s.other' : ''} from sample s where s.device_no = $1 and s.t >= $2 and s.t < $3 order by s.t, s.seq limit $4::int8 + 1) f
    union all
    select (date_part('epoch', s.hour) / 3600)::int4, s.n, s.t${each((name) => `s.${name}`)}, ${extra ? 's.extra, s.other' : `${nothing}, ${nothing}`}
    from segment s where ${hours} and (select n from counted) <= $4`
}

function byTime(a: PartRecord, b: PartRecord): number {
  return (a.place === OPEN ? Infinity : a.place) - (b.place === OPEN ? Infinity : b.place)
}

function openPart(record: PartRecord, numbers: readonly NumberColumn[], names: readonly CoreSignalName[], wanted: ReadonlySet<SignalName> | undefined): Part {
  const column = (name: string) => readSentNumbers(record[name] as Buffer | null)
  const signals = new Map<SignalName, Float64Array>(names.map((name) => [name, column(name).map(shortestOf)]))
  for (const [row, extra] of readSentJson(record.extra).entries()) {
    for (const [name, value] of Object.entries(extra ?? {})) {
      const known = signalByName(name)?.name
      if (known === undefined || typeof value !== 'number' || (wanted && !wanted.has(known))) continue
      const values = signals.get(known) ?? new Float64Array(record.n).fill(Number.NaN)
      values[row] = value
      signals.set(known, values)
    }
  }
  const quality = readSentBytes((record['quality'] ?? null) as Buffer | null)
  return { t: readSentNumbers(record.t).map(Math.round), quality, numbers: new Map(numbers.map((name) => [name, column(name)])), signals }
}

interface ClosedWanted {
  readonly numbers: readonly NumberColumn[]
  readonly names: readonly CoreSignalName[]
  readonly wanted: ReadonlySet<SignalName> | undefined
}

function closedPart(record: PartRecord, { fromMs, toMs }: Span, { numbers, names, wanted }: ClosedWanted): Part {
  const { n, place } = record
  const t = unpackTimes(record.t as Buffer, n, place * HOUR_MS).map((us) => Math.round(us / US_PER_MS))
  const signals = extraSignalsOf({ extra: record.extra ?? undefined, other: record.other ?? undefined }, n, wanted)
  for (const name of names) {
    const bytes = record[name] as Buffer | null
    if (bytes) signals.set(name, unpackValues(bytes, n, 'shown'))
  }
  const packed = record['quality'] as Buffer | null | undefined
  const quality = packed ? unpackQualities(packed, n) : []
  const [from, to] = [t.findIndex((ms) => ms >= fromMs), t.findLastIndex((ms) => ms < toMs) + 1]
  const cut = (column: Float64Array) => (from === 0 && to === n ? column : column.subarray(from < 0 ? n : from, to))
  return {
    t: cut(t),
    quality: quality.slice(from < 0 ? n : from, to),
    numbers: new Map(numbers.map((name) => [name, cut(unpackColumn(record[name] as Buffer, n))])),
    signals: new Map([...signals].map(([name, column]) => [name, cut(column)])),
  }
}

/** The parts one behind the other, sorted anew only where late samples of an open hour lie among closed ones. */
function joinParts(parts: readonly Part[]): Rows {
  const total = parts.reduce((sum, part) => sum + part.t.length, 0)
  const joined = <K>(of: (part: Part) => ReadonlyMap<K, Float64Array>) => {
    const columns = new Map<K, Float64Array>()
    for (const name of new Set(parts.flatMap((part) => [...of(part).keys()]))) columns.set(name, concat(parts.map((part) => of(part).get(name) ?? new Float64Array(part.t.length).fill(Number.NaN))))
    return columns
  }
  // A part without a remark has none at all.
  const remarked = parts.some((part) => part.quality.length > 0)
  const quality = remarked ? parts.flatMap(({ t, quality }) => Array.from({ length: t.length }, (_, i) => quality[i])) : []
  const rows: Rows = { t: concat(parts.map((part) => part.t)), numbers: joined((part) => part.numbers), signals: joined((part) => part.signals), quality }
  if (rows.t.every((t, i) => i === 0 || t >= (rows.t[i - 1] as number))) return rows
  const order = Uint32Array.from({ length: total }, (_, i) => i).sort((i, j) => (rows.t[i] as number) - (rows.t[j] as number) || i - j)
  const sorted = (column: Float64Array) => Float64Array.from(order, (i) => column[i] as number)
  const all = <K>(columns: ReadonlyMap<K, Float64Array>) => new Map([...columns].map(([name, column]): [K, Float64Array] => [name, sorted(column)]))
  return { t: sorted(rows.t), numbers: all(rows.numbers), signals: all(rows.signals), quality: remarked ? Array.from(order, (i) => quality[i]) : [] }
}
