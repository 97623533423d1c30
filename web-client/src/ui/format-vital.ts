import type { Units } from './units.ts'

/** A number as shown to a person: in the chosen unit, with the decimals of the signal catalogue. Imported by `VitalValue.vue` alone (a test looks). */
export function formatVital(units: Units, signal: string, value: number): string {
  return units.convert(signal, value).toFixed(units.decimalsOf(signal))
}
