import { type Findings, measured, type MetricHead, pressures, type Row } from './measure.ts'
import { type Found, partsOf } from './found.ts'
import { Refused, refuse } from './refuse.ts'
import { readHealthTime, timeAt, timeOfLocalDay, type HealthTime } from './time.ts'
import { readNight, readStage } from './sleep.ts'
import { type Aggregation, type HealthRefusal, type HealthValue, type HealthWarning, isStorable, isStorableJson, sourceOf } from './value.ts'

export type RowReading = { readonly ok: true; readonly value: HealthValue; readonly warnings: readonly HealthWarning[] } | { readonly ok: false; readonly why: HealthRefusal }

/** One row of a metric. Absent is absent, and nothing that is not a value is ever stored as one. */
export function readHealthRow(head: MetricHead, row: unknown): RowReading {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { ok: false, why: 'not_an_object' }
  const findings: Findings = { raw: {}, warnings: [] }
  try {
    const value = finish(head, row as Row, read(head, row as Row, findings), findings)
    if (!isStorable(value.source) || !isStorableJson(`${value.parts ?? ''}${value.raw ?? ''}`)) return { ok: false, why: 'text' }
    return { ok: true, value, warnings: findings.warnings }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.why }
    throw error
  }
}

function read(head: MetricHead, row: Row, findings: Findings): Found {
  if (head.name === 'sleep_analysis') return row['startDate'] === undefined ? readNight(head, row, findings) : readStage(head, row, findings)
  const at = timeAt(row['date'] ?? row['startDate'])
  const aggregation = head.aggregation ?? byTime(at, head, row)
  if (head.name === 'blood_pressure') {
    const parts = pressures(head, row, findings) ?? refuse('no_value')
    return { metric: head.name, at, parts, aggregation }
  }
  return { ...numbers(head, row, findings), metric: head.name, at, parts: partsOf(row), aggregation }
}

/** One number, or lowest, mean and highest of a period. A metric nobody here knows may have its value in any key. */
function numbers(head: MetricHead, row: Row, findings: Findings): Pick<Found, 'value' | 'low' | 'high'> {
  const value = measured(head, 'qty', row['qty'], findings) ?? measured(head, 'Avg', row['Avg'] ?? row['avg'], findings)
  const low = measured(head, 'Min', row['Min'] ?? row['min'], findings)
  const high = measured(head, 'Max', row['Max'] ?? row['max'], findings)
  const none = value === undefined && low === undefined && high === undefined
  if (none && (head.known || !partsOf(row))) refuse('no_value')
  return { value, low, high }
}

function finish({ known, unit }: MetricHead, row: Row, found: Found, { raw }: Findings): HealthValue {
  const { at, metric, aggregation, value, low, high, parts } = found
  const said = Object.keys(raw).length > 0 || (!known && unit !== '')
  return {
    metric,
    source: sourceOf(row['source'] ?? row['sleepSource'] ?? row['inBedSource']),
    aggregation,
    startMs: at.ms,
    endMs: endOf(row['endDate'] ?? row['end'], at),
    offsetMinutes: at.offsetMinutes,
    value,
    low,
    high,
    parts: parts && JSON.stringify(parts),
    raw: said ? JSON.stringify({ ...raw, units: unit }) : undefined,
  }
}

function endOf(written: unknown, at: HealthTime): number | undefined {
  if (written === undefined || written === null) return undefined
  const { ms } = readHealthTime(written) ?? refuse('time')
  return ms < at.ms ? refuse('time') : ms
}

/** Without a word of the export: a date is a day, a full hour an hour, a full minute a minute, anything else one measurement. */
function byTime({ ms, offsetMinutes, dateOnly }: HealthTime, { known }: MetricHead, row: Row): Aggregation {
  if (dateOnly || offsetMinutes === undefined) return 'day'
  const time = timeOfLocalDay(ms, offsetMinutes)
  if (time === 0 && known?.kind === 'day') return 'day'
  if (time % 3_600_000 === 0) return 'hour'
  if (time % 60_000 === 0) return 'minute'
  // A mean is none of one measurement, however short its time.
  return row['Avg'] === undefined ? 'none' : 'second'
}
