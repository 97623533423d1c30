import type { HealthRange, HealthSeries } from '@vigil/contract/api/health-data'
import { unitText } from '../ui/vital-signals.ts'

export const healthRanges: readonly HealthRange[] = ['today', 'yesterday', '24h', '3d', 'week', 'custom']

/** One line of what a phone told. */
export interface HealthLine {
  readonly key: string
  readonly metric: string
  readonly display: string
  readonly unit: string
  readonly source: string
  /** How its numbers were made. */
  readonly made: 'total' | 'mean' | 'day' | 'single'
  readonly length: string
  /** What adds up is the sum of the time asked for, anything else its mean. */
  readonly value: number | undefined
  /** Two numbers that belong together, as blood pressure is written. */
  readonly pair: string | undefined
  readonly low: number | undefined
  readonly high: number | undefined
  readonly lastMs: number
}

/** The mirror's metrics first, in this order; any other after them by name. */
const FIRST = ['heart_rate', 'resting_heart_rate', 'step_count', 'walking_running_distance', 'flights_climbed', 'active_energy', 'basal_energy_burned', 'walking_speed', 'walking_step_length', 'walking_asymmetry_percentage', 'walking_double_support_percentage', 'headphone_audio_exposure']

const placeOf = (metric: string): number => (FIRST.includes(metric) ? FIRST.indexOf(metric) : FIRST.length)
const shortened = (value: number | undefined): number | undefined => (value === undefined ? undefined : Number(value.toPrecision(4)))

export function healthLines(series: readonly HealthSeries[]): readonly HealthLine[] {
  return series.map(toLine).sort((a, b) => placeOf(a.metric) - placeOf(b.metric) || a.metric.localeCompare(b.metric))
}

function toLine({ metric, display, unit, kind, aggregation, source, rows, summary }: HealthSeries): HealthLine {
  const last = rows.at(-1)
  return {
    key: `${metric} ${aggregation} ${source} ${unit}`,
    metric,
    display,
    unit: unit.startsWith('{') ? '' : unitText(unit),
    source: source.replaceAll('|', ', '),
    made: madeOf(kind, aggregation),
    length: aggregation,
    value: shortened(kind === 'total' ? (summary.total ?? summary.mean) : summary.mean),
    pair: pairOf(last?.parts ?? {}),
    low: shortened(summary.low),
    high: shortened(summary.high),
    lastMs: last?.t ?? 0,
  }
}

function pairOf(parts: Readonly<Record<string, unknown>>): string | undefined {
  const [systolic, diastolic] = ['systolic', 'diastolic'].map((key) => parts[key]).map((part) => (typeof part === 'number' ? String(part) : undefined))
  return systolic === undefined && diastolic === undefined ? undefined : `${systolic ?? '–'}/${diastolic ?? '–'}`
}

function madeOf(kind: HealthSeries['kind'], aggregation: string): HealthLine['made'] {
  if (aggregation === 'none') return 'single'
  if (kind === 'day') return 'day'
  return kind === 'total' ? 'total' : 'mean'
}
