import { signalByName } from '../catalogue.ts'
import type { HealthMetric } from './metrics.ts'
import { refuse } from './refuse.ts'
import { toHealthUnit } from './units.ts'
import { type Aggregation, type HealthWarning, numberOf } from './value.ts'

/** What is said of a whole metric, before its rows. */
export interface MetricHead {
  readonly name: string
  readonly unit: string
  readonly known: HealthMetric | undefined
  /** What the export says of how its rows were made; without it each row tells by its time. */
  readonly aggregation: Aggregation | undefined
}

/** A row as it came. */
export type Row = Readonly<Record<string, unknown>>

/** What is found out about one row while it is read. */
export interface Findings {
  /** Numbers as they came, where they had to be carried over. */
  readonly raw: Record<string, unknown>
  readonly warnings: HealthWarning[]
}

const LONGEST_SLEEP_H = 48
const EVERY: readonly [number, number] = [-Infinity, Infinity]

/** A number in the metric's unit, believable; `undefined` where there is none. Throws `Refused` for what is none. */
export function measured({ known, unit }: MetricHead, key: string, written: unknown, { raw, warnings }: Findings): number | undefined {
  if (written === undefined || written === null) return undefined
  const number = numberOf(written) ?? refuse('number')
  return known ? carried(known, unit, key, number, { raw, warnings }) : number
}

function carried(known: HealthMetric, unit: string, key: string, number: number, { raw, warnings }: Findings): number {
  const reading = toHealthUnit(number, unit, known.unit)
  if (!reading.ok) return refuse('unit')
  if (reading.warning) warnings.push(reading.warning)
  const fraction = isFraction(known, reading.value)
  if (fraction) warnings.push('FRACTION_AS_PERCENT')
  const value = fraction ? Number((reading.value * 100).toPrecision(12)) : reading.value
  if (reading.changed || fraction) raw[key] = number
  const [least, most] = believable(known)
  return value < least || value > most ? refuse('implausible') : value
}

/** Saturation of 0.97 with the unit `%`: Apple keeps it as a part of one, and some exports pass that on. Nobody lives at 1 %. */
function isFraction({ signal }: HealthMetric, value: number): boolean {
  return signal?.name === 'spo2' && value > 0 && value <= 1
}

function believable({ name, kind, signal }: HealthMetric): readonly [least: number, most: number] {
  if (name === 'sleep_analysis') return [0, LONGEST_SLEEP_H]
  return signal?.plausible ?? (kind === 'total' ? [0, Infinity] : EVERY)
}

const PRESSURES = [['systolic', signalByName('sys')], ['diastolic', signalByName('dia')]] as const

/** Both numbers of a cuff, or the one that is there. */
export function pressures(head: MetricHead, row: Row, findings: Findings): Record<string, number> | undefined {
  const found: Record<string, number> = {}
  for (const [key, signal] of PRESSURES) {
    const value = measured(head, key, row[key], findings)
    if (value === undefined) continue
    const [least, most] = signal?.plausible ?? EVERY
    found[key] = value < least || value > most ? refuse('implausible') : value
  }
  return Object.keys(found).length > 0 ? found : undefined
}
