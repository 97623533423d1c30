import { numberOf } from '@vigil/contract/health/index'

/** Types of becalm, in its own letters: heart rate, oxygen, temperature, pressure, CO2, breath range, breaths per minute, PEEP. */
export const measureTypes = ['h', 'o', 't', 'p', 'c', 'a', 'b', 'q'] as const
export type MeasureType = (typeof measureTypes)[number]

/** A row as a station means it. */
export interface Measure {
  readonly type: MeasureType
  readonly t: number
  /** In the unit it came in. */
  readonly value: number
}

export type MeasureRefusal = 'not_an_object' | 'type' | 'number' | 'time' | 'implausible'

export interface Measures {
  readonly good: readonly Measure[]
  readonly refused: readonly { readonly row: unknown; readonly why: MeasureRefusal }[]
}

const CMH2O_PER_HPA = 1.019_716_21
const WHEN = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/

/** The rows of one POST. A bad row is refused alone. */
export function readMeasures(rows: readonly unknown[]): Measures {
  const good: Measure[] = []
  const refused: { row: unknown; why: MeasureRefusal }[] = []
  for (const row of rows) {
    const reading = readMeasure(row)
    if (typeof reading === 'string') refused.push({ row, why: reading })
    else good.push(reading)
  }
  return { good, refused }
}

function readMeasure(row: unknown): Measure | MeasureRefusal {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'not_an_object'
  const { measure_type: type, measure_value: written, date_generation: when } = row as Readonly<Record<string, unknown>>
  const known = measureTypes.find((one) => one === type)
  if (!known) return 'type'
  const value = numberOf(written)
  if (value === undefined) return 'number'
  const t = typeof when === 'string' && WHEN.test(when) ? Date.parse(when.replace(' ', 'T')) : Number.NaN
  if (!Number.isSafeInteger(t) || t < 0) return 'time'
  return toSignal(known, value) ? { type: known, t, value } : 'implausible'
}

type Named = readonly [name: string, value: number]
const PLAIN: Partial<Record<MeasureType, string>> = { h: 'hr', o: 'spo2', t: 'temp', c: 'co2', b: 'rr' }

/**
 * A measure as a value of ours; `undefined` when it can be none. Pressure is declared in pascal and sent in hectopascal: its size tells which,
 * and whether it is the air's or the mask's. A breath range, and a PEEP that counts from zero pressure, have no signal here: kept under their own names.
 */
export function toSignal(type: MeasureType, value: number): Named | undefined {
  const plain = PLAIN[type]
  if (plain !== undefined) return [plain, value]
  const hPa = hectopascal(value)
  if (hPa === undefined) return undefined
  if (type === 'a') return ['becalm_range', rounded(hPa * CMH2O_PER_HPA)]
  const isAir = hPa > 250
  if (type === 'q') return isAir ? ['becalm_peep_abs', rounded(hPa)] : ['peep', rounded(hPa * CMH2O_PER_HPA)]
  return isAir ? ['pamb', rounded(hPa)] : ['paw', rounded(hPa * CMH2O_PER_HPA)]
}

/** -60 to 150 hPa of a mask, 600 to 1100 hPa of the air; a hundred times as much is pascal. */
function hectopascal(value: number): number | undefined {
  if (isPressure(value)) return value
  return isPressure(value / 100) ? value / 100 : undefined
}

function isPressure(hPa: number): boolean {
  return (hPa >= -60 && hPa <= 150) || (hPa >= 600 && hPa <= 1_100)
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

/** What was measured at one moment is one sample; oldest first. */
export function toMoments(measures: readonly Measure[]): readonly { readonly t: number; readonly m: Readonly<Record<string, number>> }[] {
  const moments = new Map<number, Record<string, number>>()
  for (const { type, t, value } of measures) {
    const named = toSignal(type, value)
    if (named) moments.set(t, { ...moments.get(t), [named[0]]: named[1] })
  }
  return [...moments].sort(([a], [b]) => a - b).map(([t, m]) => ({ t, m }))
}
