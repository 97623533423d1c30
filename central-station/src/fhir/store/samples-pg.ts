import { type SignalName, unpackQuality, type WardScope } from '@vigil/contract'
import { type Database, one } from '../../db/database.ts'
import { readRows } from '../../history/rows-pg.ts'
import type { Rows } from '../../history/rows-under-way.ts'
import { HOUR_MS, type Span } from '../../history/spans.ts'
import { iso } from '../../iso.ts'
import type { SampleFacts, SampleName, SampleOwner } from '../resources/observation.ts'
import { inWards } from './where.ts'
import type { OwnedSpan, OwnerFilter } from './sample-source.ts'

/** Set by the bridge when it did not believe the device's clock (migrations/0002). */
const CLOCK_SUSPECT = 2

interface OwnerRow {
  readonly interval_id: string
  readonly stay_id: string
  readonly patient_id: string
  readonly device_no: number
  readonly device_id: string
  readonly from_at: number
  readonly to_at: number | null
  readonly is_test: boolean
}

const OWNERS = `select m.id as interval_id, m.stay_id, s.patient_id, m.device_no, d.id as device_id, m.from_at, m.to_at, (p.mode <> 'real' or d.mode <> 'real') as is_test
  from monitoring_interval m join stay s on s.id = m.stay_id join patient p on p.id = s.patient_id join device d on d.no = m.device_no`

export async function readOwners(database: Database, { wards, patientIds, stayIds, deviceIds, fromMs, toMs }: OwnerFilter, limit: number): Promise<readonly OwnedSpan[] | undefined> {
  const rows = await database.query<OwnerRow>(
    `${OWNERS} where ($1::uuid[] is null or s.patient_id = any($1)) and ($2::uuid[] is null or m.stay_id = any($2)) and ($3::text[] is null or d.id = any($3))
     and m.from_at < $4 and (m.to_at is null or m.to_at > $5) and ${inWards('$7')} order by m.from_at limit $6`,
    [patientIds ?? null, stayIds ?? null, deviceIds ?? null, iso(toMs), iso(fromMs), limit + 1, wards],
  )
  if (rows.length > limit) return undefined
  return rows.map((row) => ({ ...ownerOf(row), deviceNo: row.device_no, deviceId: row.device_id, fromMs: Math.max(fromMs, row.from_at), toMs: Math.min(toMs, row.to_at ?? Infinity) }))
}

function ownerOf({ interval_id, stay_id, patient_id, from_at, to_at, is_test }: OwnerRow): SampleOwner {
  return { intervalId: interval_id, stayId: stay_id, patientId: patient_id, linkedFromMs: from_at, linkedToMs: to_at ?? Infinity, isTest: is_test }
}

export async function readSampleRows(database: Database, span: Span): Promise<readonly SampleFacts[]> {
  // Times are rounded to milliseconds: one on the border may be counted to either side, and must be to one.
  const rows = await readRows(database, { ...span, fromMs: span.fromMs - 1, toMs: span.toMs + 1 }, { signals: 'all', numbers: ['seq', 'ledger_no', 'lag_ms', 'flags'], quality: true })
  if (!rows) return []
  const facts: SampleFacts[] = []
  for (const [i, atMs] of rows.t.entries()) if (atMs >= span.fromMs && atMs < span.toMs) facts.push(factsOf(rows, i, span))
  return facts
}

function factsOf(rows: Rows, i: number, { deviceNo, deviceId }: Span): SampleFacts {
  const number = (name: 'seq' | 'ledger_no' | 'lag_ms' | 'flags') => rows.numbers.get(name)?.[i] ?? 0
  const values: Partial<Record<SignalName, number>> = {}
  for (const [name, column] of rows.signals) {
    const value = column[i] as number
    if (!Number.isNaN(value)) values[name] = value
  }
  const { q = {}, x = {} } = unpackQuality(rows.quality[i])
  const atMs = rows.t[i] as number
  return { deviceNo, deviceId, ledgerNo: number('ledger_no'), seq: number('seq'), atMs, receivedMs: atMs + number('lag_ms'), isClockSuspect: (number('flags') & CLOCK_SUSPECT) !== 0, values, questions: q, absences: x }
}

/** One statement for all spans: the first (or last) row of each, told from its hour where that is closed. */
export async function readEdge(database: Database, spans: readonly Span[], descending: boolean): Promise<number | undefined> {
  if (spans.length === 0) return undefined
  const [pick, order, within] = descending ? ['max', 'desc', `least(g.last_t, w.b - interval '1 millisecond')`] : ['min', 'asc', 'greatest(g.first_t, w.a)']
  const row = await one<{ ms: number | null }>(
    database,
    `select date_part('epoch', ${pick}(x.t)) * 1000 as ms from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as w(device_no, a, b) cross join lateral (
       (select s.t from sample s where s.device_no = w.device_no and s.t >= w.a and s.t < w.b order by s.t ${order} limit 1)
       union all
       (select ${within} from segment g where g.device_no = w.device_no and g.hour > w.a - interval '1 hour' and g.hour < w.b and g.last_t >= w.a and g.first_t < w.b order by g.hour ${order} limit 1)
     ) x(t)`,
    [spans.map((span) => span.deviceNo), spans.map((span) => iso(span.fromMs)), spans.map((span) => iso(span.toMs))],
  )
  return row?.ms === null || row === undefined ? undefined : Math.round(row.ms)
}

/** Whom a device watched at a moment; the newest link wins where a correction left two. */
export async function readOwnerAt(database: Database, { deviceNo, atMs }: { readonly deviceNo: number; readonly atMs: number }, wards: WardScope): Promise<{ readonly deviceId: string; readonly owner: SampleOwner } | undefined> {
  const row = await one<OwnerRow>(database, `${OWNERS} where m.device_no = $1 and m.from_at <= $2 and (m.to_at is null or m.to_at > $2) and ${inWards('$3')} order by m.from_at desc, m.id desc limit 1`, [deviceNo, iso(atMs), wards])
  return row && { deviceId: row.device_id, owner: ownerOf(row) }
}

export async function readSampleRow(database: Database, name: SampleName, wards: WardScope): Promise<{ readonly sample: SampleFacts; readonly owner: SampleOwner } | undefined> {
  const { deviceNo, atMs, ledgerNo, seq } = name
  const found = await readOwnerAt(database, name, wards)
  if (!found) return undefined
  const rows = await readSampleRows(database, { deviceNo, deviceId: found.deviceId, fromMs: atMs, toMs: atMs + 1 })
  const sample = rows.find((one) => one.ledgerNo === ledgerNo && one.seq === seq)
  return sample && { sample, owner: found.owner }
}

/** From the hourly roll-ups: where to look for signals that come seldom. */
export async function readHoursWith(database: Database, { deviceNo, fromMs, toMs }: Span, signalCodes: readonly number[], perSignal: number): Promise<readonly number[]> {
  const rows = await database.query<{ bucket: number }>(
    `select distinct h.bucket from unnest($1::smallint[]) as c(signal) cross join lateral
       (select r.bucket from rollup_1h r where r.device_no = $2 and r.signal = c.signal and r.bucket > $3::timestamptz - interval '1 hour' and r.bucket < $4 order by r.bucket desc limit $5) h
     order by h.bucket desc`,
    [signalCodes, deviceNo, iso(Math.max(0, fromMs)), iso(toMs), perSignal],
  )
  return rows.map(({ bucket }) => Math.floor(bucket / HOUR_MS) * HOUR_MS)
}
