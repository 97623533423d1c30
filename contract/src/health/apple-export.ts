import { AppError } from '../errors.ts'
import type { HealthReceiver } from './body-reader.ts'
import { readHealthEvent } from './event.ts'
import type { MetricHead } from './measure.ts'
import { healthMetric } from './metrics.ts'
import { readHealthRow } from './row.ts'
import { readHealthTime } from './time.ts'
import { numberOf } from './value.ts'
import { CUT_OFF, XmlCutter, type XmlVisitor } from './xml-cutter.ts'

type Attributes = Readonly<Record<string, string>>

/** Types of HealthKit whose name is not the snake case of their own. */
const NAMES: Readonly<Record<string, string>> = {
  OxygenSaturation: 'blood_oxygen_saturation', HeartRateVariabilitySDNN: 'heart_rate_variability', BodyMass: 'weight_body_mass', ActiveEnergyBurned: 'active_energy',
  DistanceWalkingRunning: 'walking_running_distance', DistanceCycling: 'cycling_distance', DistanceSwimming: 'swimming_distance', WalkingAsymmetryPercentage: 'walking_asymmetry_percentage',
  WalkingDoubleSupportPercentage: 'walking_double_support_percentage', VO2Max: 'vo2_max', HeartRateRecoveryOneMinute: 'cardio_recovery', DietaryEnergyConsumed: 'dietary_energy', MindfulSession: 'mindful_minutes',
}
const STAGES: Readonly<Record<string, string>> = { InBed: 'In Bed', Awake: 'Awake', AsleepCore: 'Core', AsleepDeep: 'Deep', AsleepREM: 'REM', AsleepUnspecified: 'Unspecified', Asleep: 'Asleep' }
const PRESSURE: Readonly<Record<string, 'systolic' | 'diastolic'>> = { BloodPressureSystolic: 'systolic', BloodPressureDiastolic: 'diastolic' }
const HOUR_MS = 3_600_000
/** Halves of blood pressures that wait for the other; both stand close together in a file. */
const MOST_HALVES = 50_000
const ROOT = 'HealthData'

/**
 * Reads `export.xml` of Apple Health, text by text. Saturation and every other percentage stand there as parts of one. Blood pressure comes as
 * two records, once in its correlation and once more beside it: both make the same row.
 */
export class AppleExportReader implements XmlVisitor {
  readonly #receiver: HealthReceiver
  readonly #cutter = new XmlCutter(this)
  readonly #halves = new Map<string, Record<string, string>>()
  #workout: { attributes: Attributes; statistics: Attributes[] } | undefined
  #root: 'awaited' | 'open' | 'closed' = 'awaited'
  /** Records and workouts seen. */
  seen = 0

  constructor(receiver: HealthReceiver) {
    this.#receiver = receiver
  }

  write(text: string): void {
    this.#cutter.write(text)
  }

  /** @throws AppError INVALID_MESSAGE when the file is something else, or was cut off, be it between two records */
  end(): void {
    this.#forgetHalves()
    this.#cutter.end()
    if (this.#root === 'awaited') throw new AppError('INVALID_MESSAGE', 'This is no export of Apple Health: there is no HealthData in it.')
    if (this.#root === 'open') throw new AppError('INVALID_MESSAGE', CUT_OFF)
  }

  opened(name: string, attributes: Attributes): void {
    if (name === ROOT) this.#root = 'open'
    else if (name === 'Record') {
      this.seen++
      this.#record(attributes)
    } else if (name === 'Workout') {
      this.seen++
      this.#workout = { attributes, statistics: [] }
    } else if (name === 'WorkoutStatistics') this.#workout?.statistics.push(attributes)
  }

  closed(name: string): void {
    if (name === ROOT) this.#root = 'closed'
    if (name !== 'Workout' || !this.#workout) return
    const { attributes, statistics } = this.#workout
    this.#workout = undefined
    const { workoutActivityType: kind = '', startDate, endDate, sourceName, ...rest } = attributes
    const element = { name: kind.replace('HKWorkoutActivityType', ''), start: startDate, end: endDate, source: sourceName, ...rest, statistics }
    const reading = readHealthEvent('workouts', element, JSON.stringify(element))
    if (reading.ok) this.#receiver.event(reading.event)
    else this.#receiver.refused('workouts', reading.why)
  }

  #record(attributes: Attributes): void {
    const { startDate, endDate, sourceName } = attributes
    const [type, unit, value] = [attributes['type'] ?? '', attributes['unit'] ?? '', attributes['value'] ?? '']
    const bare = type.replace(/^HK(?:Quantity|Category|Data)Type(?:Identifier)?/, '')
    const times = { date: startDate, endDate, source: sourceName }
    const half = own(PRESSURE, bare)
    if (half !== undefined) return this.#pressure(half, { value, unit, startDate, source: sourceName })
    if (bare === 'SleepAnalysis') return this.#stage(value.replace('HKCategoryValueSleepAnalysis', ''), attributes)
    const name = own(NAMES, bare) ?? snake(bare)
    if (type.startsWith('HKCategory')) return this.#row(name, '', { ...times, value: value.replace(/^HKCategoryValue/, '') })
    this.#row(name, unit, { ...times, qty: unit === '%' ? ofHundred(value) : value })
  }

  #stage(word: string, { startDate, endDate, sourceName: source }: Attributes): void {
    const hours = hoursBetween(startDate, endDate)
    this.#row('sleep_analysis', 'hr', { startDate, endDate, source, value: own(STAGES, word) ?? word, ...(hours !== undefined && { qty: hours }) })
  }

  #pressure(half: 'systolic' | 'diastolic', { value, unit, startDate, source }: { value: string; unit: string; startDate: string | undefined; source: string | undefined }): void {
    const key = `${startDate} ${source}`
    const halves: Record<string, string> = { ...this.#halves.get(key), [half]: value }
    if (halves['systolic'] === undefined || halves['diastolic'] === undefined) {
      if (this.#halves.size >= MOST_HALVES) this.#forgetHalves()
      this.#halves.set(key, halves)
      return
    }
    this.#halves.delete(key)
    this.#row('blood_pressure', unit, { date: startDate, source, ...halves })
  }

  #forgetHalves(): void {
    for (let left = this.#halves.size; left > 0; left--) this.#receiver.refused('blood_pressure', 'no_value')
    this.#halves.clear()
  }

  #row(name: string, unit: string, row: Readonly<Record<string, unknown>>): void {
    const known = healthMetric(name)
    const head: MetricHead = { name, unit: unit.slice(0, 40), known, aggregation: 'none' }
    // A category of a metric that has no number is kept as the word it is.
    const reading = readHealthRow(known && row['qty'] === undefined && name !== 'sleep_analysis' && name !== 'blood_pressure' ? { ...head, known: undefined } : head, row)
    if (!reading.ok) return this.#receiver.refused(name, reading.why)
    for (const warning of reading.warnings) this.#receiver.warned(warning)
    this.#receiver.value(reading.value)
  }
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

/** A part of one as a percentage; what is no number is left for the row's own judgement. */
function ofHundred(value: string): number | string {
  const part = numberOf(value)
  return part === undefined ? value : Number((part * 100).toPrecision(12))
}

function hoursBetween(from: string | undefined, to: string | undefined): number | undefined {
  const [start, end] = [readHealthTime(from), readHealthTime(to)]
  return start && end && end.ms >= start.ms ? Number(((end.ms - start.ms) / HOUR_MS).toPrecision(10)) : undefined
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toLowerCase().slice(0, 80)
}
