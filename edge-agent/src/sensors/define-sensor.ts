import type { SignalName } from '@vigil/contract/catalogue'
import type { Clock } from '@vigil/contract/clock'
import type { AbsenceReason } from '@vigil/contract/quality'
import type { I2c } from '../bus/i2c.ts'
import { absent, type AbsentReading, type Channel, type Reading } from './reading.ts'

/** Currents of the two LEDs of an oximeter, in milliamperes. */
export interface LedCurrent {
  readonly redMa: number
  readonly irMa: number
}

/** What an optical sensor lets its user adjust. */
export interface LedControl {
  /** Counts at which the converter is full. */
  readonly fullScale: number
  readonly maximumMa: number
  readonly current: LedCurrent
  /** The current the chip really gives for one that is asked for. */
  nearest(ma: number): number
  /** Rounded to the chip's steps. The stream restarts with a gap, because samples of two currents do not belong together. */
  set(current: LedCurrent): Promise<void>
}

/** A sensor in use. One call at a time; every method may reject with `SENSOR_BUS_FAULT`. */
export interface Sensor {
  /** Everything this sensor reports; when a read fails, each of these is absent. */
  readonly reports: readonly (SignalName | Channel)[]
  /** What came since the last call: empty when nothing new is due. Never an old value again, never a sentinel. */
  read(): Promise<Reading[]>
  /** Puts the chip to rest. */
  close(): Promise<void>
  readonly leds?: LedControl
  /** Temperature of the chip itself in Cel, from the conversion started by the previous call; `undefined` until there is one. */
  dieTemperature?(): Promise<number | undefined>
}

export interface SensorContext {
  readonly clock: Clock
  /** What the chip cannot tell and a person has said, by the names of the definition's `options`. */
  readonly options?: Readonly<Record<string, number>>
}

/** A fact about how a chip is made or wired that it cannot tell. */
export interface SensorOption {
  readonly description: string
  readonly minimum: number
  readonly maximum: number
  readonly default: number
}

/** A chip as data: what it measures, where it sits, how it is recognised and how it is read. */
export interface SensorDefinition {
  /** Lower-case part number, unique in the registry. */
  readonly model: string
  readonly description: string
  /** 7-bit addresses the chip can have; chips that share one are told apart by `identify`. */
  readonly addresses: readonly number[]
  /** Values the chip gives by itself, with the catalogue's UCUM unit. */
  readonly signals: readonly { readonly signal: SignalName; readonly unit: string }[]
  readonly channels: readonly { readonly channel: Channel; readonly hz: number }[]
  /** Signals computed from its channels. */
  readonly feeds: readonly SignalName[]
  /** How often `read` must be called: rarer and samples are lost. */
  readonly readEveryMs: number
  /** What gives the chip away, and from what it cannot be told apart, in a sentence. */
  readonly identity: string
  /** Models of the registry that answer `identify` in the same way. */
  readonly alike?: readonly string[]
  /** What a person must have checked, in a sentence: the agent uses such a chip only when its configuration names it. */
  readonly confirm?: string
  readonly options?: Readonly<Record<string, SensorOption>>
  /** True when this chip answers. Never changes a setting: the chip may be another, or in use. */
  identify(i2c: I2c): Promise<boolean>
  /** Sets the chip up. @throws AppError `SENSOR_BUS_FAULT`. */
  open(i2c: I2c, context: SensorContext): Promise<Sensor>
}

/** Declares a sensor. One call is one file, one test and one line in `registry.ts`. */
export const defineSensor = (definition: SensorDefinition): SensorDefinition => Object.freeze(definition)

/** An option as configured, or its default. */
export const optionOf = (definition: Pick<SensorDefinition, 'options'>, context: SensorContext, name: string): number =>
  context.options?.[name] ?? definition.options?.[name]?.default ?? Number.NaN

/** What to report when a sensor could not be read at all. */
export const absences = (sensor: Pick<Sensor, 'reports'>, reason: AbsenceReason): AbsentReading[] => sensor.reports.map((of) => absent(of, reason))
