/** Dates and clock times as the ward writes them: 24-hour clock, `14-Jul-2026`, in the time zone of this screen. */

const two = (n: number): string => String(n).padStart(2, '0')

/** `02:14:07`, or `02:14` without seconds. */
export function clockTime(ms: number, { seconds = true } = {}): string {
  const d = new Date(ms)
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ''}`
}

/** `14-Jul-2026`; `months` are twelve short names. */
export function calendarDate(ms: number, months: readonly string[]): string {
  const d = new Date(ms)
  return `${two(d.getDate())}-${months[d.getMonth()] ?? ''}-${d.getFullYear()}`
}

/** A birth date `YYYY-MM-DD` in the same form; it has no time zone and must not shift by one. */
export function plainDate(isoDate: string, months: readonly string[]): string {
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

/** Midnight at the start of the day of `ms`. */
export function startOfDay(ms: number): number {
  const d = new Date(ms)
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
}

/** `Europe/Madrid`: stated wherever a range of times is shown. */
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
