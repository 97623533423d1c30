/** Dates and clock times as the ward writes them: 24-hour clock, `14-Jul-2026`, in the time zone of this screen. */

const two = (n: number): string => String(n).padStart(2, '0')

/** `02:14:07`, or `02:14` without seconds. */
export function clockTime(ms: number, { seconds = true } = {}): string {
  const d = new Date(ms)
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ''}`
}

/** Where months have numbers instead of names, a date is written as ISO 8601 has it. */
const numbered = (months: readonly string[]): boolean => months[0] === '01'

/** `14-Jul-2026`, or `2026-07-14`; `months` are twelve short names, or numbers. */
export function calendarDate(ms: number, months: readonly string[]): string {
  const d = new Date(ms)
  if (numbered(months)) return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`
  return `${two(d.getDate())}-${months[d.getMonth()] ?? ''}-${d.getFullYear()}`
}

/** A birth date `YYYY-MM-DD` in the same form; it has no time zone and must not shift by one. */
export function plainDate(isoDate: string, months: readonly string[]): string {
  if (numbered(months)) return isoDate
  const [year = '', month = '1', day = ''] = isoDate.split('-')
  return `${day}-${months[Number(month) - 1] ?? ''}-${year}`
}

/** Whole years between a birth date `YYYY-MM-DD` and now. */
export function ageInYears(isoDate: string, nowMs: number): number {
  const [year = 0, month = 1, day = 1] = isoDate.split('-').map(Number)
  const now = new Date(nowMs)
  const before = now.getMonth() + 1 < month || (now.getMonth() + 1 === month && now.getDate() < day)
  return now.getFullYear() - year - (before ? 1 : 0)
}

export const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString()

/** Value of an `<input type="datetime-local">` and back, in the screen's time zone. */
export function toLocalInput(ms: number): string {
  const d = new Date(ms)
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${clockTime(ms)}`
}

export function fromLocalInput(text: string): number | undefined {
  const ms = new Date(text).getTime()
  return text === '' || Number.isNaN(ms) ? undefined : ms
}

/** A day as people write it, `14-Jul-2026` in the language's months, or `2026-07-14`; as `YYYY-MM-DD`, if there is such a day. */
export function readDay(text: string, months: readonly string[]): string | undefined {
  const [, isoYear, isoMonth, isoDay, day, month = '', year] = /^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-\s](\p{L}{3,})\.?[-\s](\d{4}))$/u.exec(text.trim()) ?? []
  const named = months.findIndex((m) => m.toLowerCase() === month.slice(0, m.length).toLowerCase()) + 1
  const [y, m, d] = isoYear === undefined ? [Number(year), named, Number(day)] : [Number(isoYear), Number(isoMonth), Number(isoDay)]
  const made = new Date(y, m - 1, d)
  return m > 0 && made.getMonth() === m - 1 && made.getDate() === d ? `${y}-${two(m)}-${two(d)}` : undefined
}

/** A day and a clock time, `14-Jul-2026 02:14` with or without seconds, in the screen's time zone. */
export function readMoment(text: string, months: readonly string[]): number | undefined {
  const [, dayText = '', hours, minutes, seconds = '0'] = /^(.+?)[\sT]+(\d{1,2}):(\d{2})(?::(\d{2}))?$/u.exec(text.trim()) ?? []
  const day = readDay(dayText, months)
  if (day === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  return fromLocalInput(`${day}T${two(Number(hours))}:${minutes}:${two(Number(seconds))}`)
}

/** Midnight at the start of the day of `ms`. */
export function startOfDay(ms: number): number {
  const d = new Date(ms)
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
}

/** `Europe/Madrid`: stated wherever a range of times is shown. */
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
