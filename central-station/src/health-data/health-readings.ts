import type { Clock, HealthData, HealthQuery, HealthRow, HealthSeries } from '@vigil/contract'
import { aggregations, healthMetric } from '@vigil/contract/health/index'
import { assertForward, readTimeRange } from '../history/time-range.ts'
import { field, iso, isoField } from '../iso.ts'

export interface HealthPerson {
  readonly no: number
  readonly offsetMinutes: number | null
  /** When a phone last sent for them. */
  readonly syncedAtMs: number | null
}

export interface StoredRow {
  readonly metric: string
  readonly source: string
  readonly aggregation: number
  readonly start_at: number
  readonly end_at: number | null
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly parts: Record<string, unknown> | null
  /** Unit of a metric nobody here knows. */
  readonly units: string | null
}

export interface StoredEvent {
  readonly kind: string
  readonly start_at: number
  readonly end_at: number | null
  readonly name: string
  readonly source: string
  readonly detail: Record<string, unknown>
}

/** Port: what phones told. */
export interface HealthReadingStore {
  person(patientId: string): Promise<HealthPerson | undefined>
  /** Oldest first, at most so many. */
  rows(personNo: number, fromMs: number, toMs: number, metrics: readonly string[] | undefined, limit: number): Promise<readonly StoredRow[]>
  events(personNo: number, fromMs: number, toMs: number, limit: number): Promise<readonly StoredEvent[]>
}

export interface HealthReadings {
  /** @throws AppError INVALID_RANGE */
  read(patientId: string, query: HealthQuery): Promise<HealthData>
}

const MOST_ROWS = 20_000
const MOST_EVENTS = 200
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What a person's phone and watch told, by ranges of their own days. */
export function createHealthReadings({ store, clock }: { store: HealthReadingStore; clock: Clock }): HealthReadings {
  return {
    async read(patientId, query) {
      const person = await store.person(patientId)
      const offsetMinutes = person?.offsetMinutes ?? 0
      const { fromMs, toMs } = rangeOf(query, clock.now(), offsetMinutes)
      const about = { from: iso(fromMs), to: iso(toMs), offsetMinutes, origin: 'Apple Health' as const, ...isoField('syncedAt', person?.syncedAtMs) }
      if (!person) return { ...about, series: [], events: [], truncated: false }
      const metrics = query.metrics?.split(',').filter((name) => name !== '')
      const rows = await store.rows(person.no, fromMs, toMs, metrics, MOST_ROWS + 1)
      const events = await store.events(person.no, fromMs, toMs, MOST_EVENTS)
      return { ...about, series: seriesOf(rows.slice(0, MOST_ROWS)), events: events.map(toHappening), truncated: rows.length > MOST_ROWS }
    },
  }
}

/** Days begin at the person's own midnight, wherever the reader is. */
export function rangeOf({ range = 'today', from, to }: HealthQuery, nowMs: number, offsetMinutes: number): { fromMs: number; toMs: number } {
  const offsetMs = offsetMinutes * 60_000
  const midnightMs = Math.floor((nowMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs
  if (range === 'today') return { fromMs: midnightMs, toMs: midnightMs + DAY_MS }
  if (range === 'yesterday') return { fromMs: midnightMs - DAY_MS, toMs: midnightMs }
  if (range === '24h') return { fromMs: nowMs - DAY_MS, toMs: nowMs }
  if (range === '3d') return { fromMs: nowMs - 3 * DAY_MS, toMs: nowMs }
  if (range === 'week') return { fromMs: nowMs - 7 * DAY_MS, toMs: nowMs }
  const asked = readTimeRange({ from, to })
  const toMs = asked.toMs ?? nowMs
  const fromMs = asked.fromMs ?? toMs - DAY_MS
  assertForward(fromMs, toMs)
  return { fromMs, toMs }
}

/** One series for each metric, source and length of time: numbers that were made differently are never joined. */
function seriesOf(rows: readonly StoredRow[]): HealthSeries[] {
  const found = new Map<string, StoredRow[]>()
  for (const row of rows) {
    const key = `${row.metric} ${row.aggregation} ${row.source} ${row.units ?? ''}`
    const same = found.get(key)
    if (same) same.push(row)
    else found.set(key, [row])
  }
  return [...found.values()].map(toSeries)
}

function toSeries(rows: readonly StoredRow[]): HealthSeries {
  const { metric, source, aggregation, units } = rows[0] as StoredRow
  const known = healthMetric(metric)
  return {
    metric,
    source,
    display: known?.signal?.display ?? wordsOf(metric),
    unit: known?.unit ?? units ?? '',
    kind: known?.kind ?? 'unknown',
    aggregation: aggregations[aggregation] ?? 'none',
    rows: rows.map(toRow),
    summary: summaryOf(rows, known?.kind === 'total'),
  }
}

function toRow({ start_at, end_at, value, low, high, parts }: StoredRow): HealthRow {
  return { t: start_at, ...field('end', end_at), ...field('v', value), ...field('low', low), ...field('high', high), ...field('parts', parts) }
}

function summaryOf(rows: readonly StoredRow[], addsUp: boolean): HealthSeries['summary'] {
  const values = rows.flatMap(({ value }) => value ?? [])
  const extremes = rows.flatMap(({ value, low, high }) => [low, value, high].filter((number) => number !== null))
  const sum = values.reduce((total, value) => total + value, 0)
  if (extremes.length === 0) return { count: rows.length }
  const ends = { low: extremes.reduce((a, b) => Math.min(a, b)), high: extremes.reduce((a, b) => Math.max(a, b)) }
  return { count: rows.length, ...ends, ...(values.length > 0 && { mean: rounded(sum / values.length) }), ...(addsUp && { total: rounded(sum) }) }
}

const rounded = (value: number): number => Number(value.toPrecision(10))

function wordsOf(metric: string): string {
  const words = metric.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Voltages and routes are long, and no screen of ours draws them: their number is told instead. */
function toHappening({ kind, start_at, end_at, name, source, detail }: StoredEvent): HealthData['events'][number] {
  const short = Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, Array.isArray(value) ? value.length : value]))
  return { kind, start: start_at, ...field('end', end_at), name, source, detail: short }
}
