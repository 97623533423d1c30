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

const locales: Readonly<Record<string, string>> = { es: 'es-ES', pl: 'pl-PL', zh: 'zh-CN' }

/** Whole numbers with thousands separated by a thin mark the language uses. */
export const grouped = (n: number, language: string): string => n.toLocaleString(locales[language] ?? 'en-GB', { useGrouping: true })

/** `0:07`, `12:05`, `1:02:03`; never below zero. */
export function minutesAndSeconds(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes, seconds] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60, s % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}
