import { coreSignals, signalByName, type CoreSignalName, type Signal, type SignalName } from '@vigil/contract'
import { extraSignalsOf } from '@vigil/contract/segments/other-column'
import { unpackQualities } from '@vigil/contract/segments/quality-column'
import { unpackColumn, unpackTimesMs } from '@vigil/contract/segments/segment'
import { shortestOf, unpackValues } from '@vigil/contract/segments/value-column'
import type { Database } from '../db/database.ts'
import { readSentBytes, readSentJson, readSentNumbers } from '../db/sent-array.ts'
import { iso } from '../iso.ts'
import { type NumberColumn, type Part, type Rows, RowsUnderWay } from './rows-under-way.ts'
import { HOUR_MS, type Span } from './spans.ts'

const core: ReadonlySet<string> = new Set(coreSignals)

export interface WantedColumns {
  readonly numbers?: readonly NumberColumn[]
  /** Signals; `all` for every one there is. */
  readonly signals?: readonly Signal[] | 'all'
  /** Remarks about the values too. */
  readonly quality?: boolean
  /** Most rows; more answer `undefined`. */
  readonly limit?: number
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
  const rows = joinParts(records, span, { numbers, quality, ...asked })
  return rows.t.length > limit ? undefined : rows
}

/** Signals with a column of their own by name; of the others, those that count, or all. */
function signalsAsked(signals: NonNullable<WantedColumns['signals']>): Pick<Wanted, 'names' | 'wanted'> & { readonly extra: boolean } {
  if (signals === 'all') return { names: coreSignals, extra: true, wanted: undefined }
  const names = signals.map((signal) => signal.name)
  const own = names.filter((name): name is CoreSignalName => core.has(name))
  const extra = own.length < names.length
  return { names: own, extra, wanted: extra ? new Set(names) : undefined }
}

interface Wanted {
  readonly numbers: readonly NumberColumn[]
  readonly names: readonly CoreSignalName[]
  /** `undefined`: all signals without a column. */
  readonly wanted: ReadonlySet<SignalName> | undefined
  readonly quality: boolean
}

function joinParts(records: readonly PartRecord[], { fromMs, toMs }: Span, wanted: Wanted): Rows {
  const holding = records.filter(({ place, n }) => place !== COUNTED && n > 0).sort(byTime)
  const rows = new RowsUnderWay(holding.reduce((sum, { n }) => sum + n, 0), wanted.numbers)
  for (const record of holding) {
    if (record.place === OPEN) rows.add(record.n, (part) => fillOpen(part, record, wanted))
    else rows.add(record.n, (part) => fillClosed(part, record, wanted), [fromMs, toMs])
  }
  return rows.rows()
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

function fillOpen(part: Part, record: PartRecord, { numbers, names, wanted, quality }: Wanted): void {
  const column = (name: string) => readSentNumbers(record[name] as Buffer | null)
  part.t.set(readSentNumbers(record.t).map(Math.round))
  for (const name of numbers) part.number(name).set(column(name))
  for (const name of names) part.signal(name).set(column(name).map(shortestOf))
  for (const [row, extra] of readSentJson(record.extra).entries()) {
    for (const [name, value] of Object.entries(extra ?? {})) {
      const known = signalByName(name)?.name
      if (known !== undefined && typeof value === 'number' && (!wanted || wanted.has(known))) part.signal(known)[row] = value
    }
  }
  if (quality) part.remark(readSentBytes(record['quality'] as Buffer | null))
}

function fillClosed(part: Part, record: PartRecord, { numbers, names, wanted, quality }: Wanted): void {
  const { n, place } = record
  unpackTimesMs(record.t as Buffer, place * HOUR_MS, part.t)
  for (const name of numbers) unpackColumn(record[name] as Buffer, n, part.number(name))
  for (const name of names) {
    const bytes = record[name] as Buffer | null
    if (bytes) unpackValues(bytes, n, 'shown', part.signal(name))
  }
  for (const [name, values] of extraSignalsOf({ extra: record.extra ?? undefined, other: record.other ?? undefined }, n, wanted)) part.signal(name).set(values)
  const packed = record['quality'] as Buffer | null | undefined
  if (quality && packed) part.remark(unpackQualities(packed, n))
}
