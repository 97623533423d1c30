export type DurationUnit = 'second' | 'minute' | 'hour' | 'day'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A duration in one unit, as a person says it: 8 s, 2 min, 3 h, 4 d. Rounded down: an age is never overstated by rounding. */
export function inOneUnit(ms: number): { n: number; unit: DurationUnit } {
  if (ms < MINUTE) return { n: Math.floor(ms / SECOND), unit: 'second' }
  if (ms < HOUR) return { n: Math.floor(ms / MINUTE), unit: 'minute' }
  if (ms < DAY) return { n: Math.floor(ms / HOUR), unit: 'hour' }
  return { n: Math.floor(ms / DAY), unit: 'day' }
}

/** Whole numbers with thousands separated by a thin mark the language uses. */
export const grouped = (n: number, language: string): string => n.toLocaleString(language === 'es' ? 'es-ES' : 'en-GB', { useGrouping: true })
