import { decimalsOf } from './vital-signals.ts'

/** A number as shown to a person: the decimals of the signal catalogue. Imported by `VitalValue.vue` alone (a test looks). */
export function formatVital(signal: string, value: number): string {
  return value.toFixed(decimalsOf(signal))
}
