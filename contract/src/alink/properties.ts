import { type Signal, signalByName } from '../catalogue.ts'

/** Names of their thing model. Its heart rate is the pulse at the finger. Any signal may also go by its own short name. */
const SIGNALS: Readonly<Record<string, string>> = { HeartRate: 'pr', SpO2: 'spo2', BodyTemperature: 'temp' }
/** Says which board it was, and is no measurement. */
const NOT_MEASURED: ReadonlySet<string> = new Set(['MACAddress'])
/** Some boards send numbers as text; an empty one is no number. */
const NUMBER = /^\s*[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*$/

export function isMeasured(property: string): boolean {
  return !NOT_MEASURED.has(property)
}

/** The signal a property stands for; units are those of the catalogue: beats a minute, percent, degrees Celsius. */
export function signalOfProperty(property: string): Signal | undefined {
  return signalByName(Object.hasOwn(SIGNALS, property) ? (SIGNALS[property] as string) : property)
}

/** The number a property's value is; `undefined` where it is none. */
export function numberOfValue(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A time of theirs, ms since 1970; text where a board writes text. */
export function timeOfValue(value: unknown): number | undefined {
  const ms = numberOfValue(value)
  return ms !== undefined && Number.isSafeInteger(ms) && ms > 0 && ms <= 8.64e15 ? ms : undefined
}
