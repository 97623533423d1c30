import { wrong } from './asked.ts'

/** Half-open stretch of time in ms since the Unix epoch. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const
type Prefix = (typeof PREFIXES)[number]

export interface DateTest {
  readonly prefix: Prefix
  readonly range: TimeRange
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * `ge2026-03-01T11:00:00Z` or a partial date; what is left open is the whole year, month, day or minute, in UTC unless a zone is named.
 * @throws AppError INVALID_REQUEST
 */
export function readDate(text: string, nowMs: number): DateTest {
  const prefix = PREFIXES.find((one) => text.startsWith(one)) ?? 'eq'
  // A "+" that was not encoded arrives as a space.
  const date = text.replace(/^[a-z]{2}/, '').trim().replace(/ (\d{2}:\d{2})$/, '+$1')
  const range = rangeOf(date)
  if (!range) throw wrong(`"${text}" is not a date. Write it as 2026-07-14 or ge2026-07-14T02:00:00Z.`)
  if (prefix !== 'ap') return { prefix, range }
  // A tenth of the distance to now, as FHIR suggests (R4 3.1.1.4.6).
  const slackMs = Math.abs(nowMs - range.fromMs) / 10
  return { prefix, range: { fromMs: range.fromMs - slackMs, toMs: range.toMs + slackMs } }
}

/** What is left open of a date, by its form, with the length of the stretch it then means. */
const FORMS: readonly { readonly length: number; readonly rest: string; readonly spanMs: number }[] = [
  { length: 4, rest: '-01-01T00:00:00', spanMs: Number.NaN },
  { length: 7, rest: '-01T00:00:00', spanMs: Number.NaN },
  { length: 10, rest: 'T00:00:00', spanMs: DAY_MS },
  { length: 16, rest: ':00', spanMs: MINUTE_MS },
  { length: 19, rest: '', spanMs: 1_000 },
]

function rangeOf(text: string): TimeRange | undefined {
  const match = DATE.exec(text)
  if (!match) return undefined
  const zone = match[8] ?? 'Z'
  const [written = '', fraction] = text.slice(0, text.length - (match[8]?.length ?? 0)).replace(' ', 'T').split('.')
  const form = FORMS.find(({ length }) => length === written.length)
  const fromMs = Date.parse(`${written}${form?.rest}${fraction === undefined ? '' : `.${fraction.slice(0, 3)}`}${zone}`)
  if (!form || Number.isNaN(fromMs) || isSlipped(fromMs, zone, [match[2], match[3]])) return undefined
  return { fromMs, toMs: fraction === undefined ? endOf(form.spanMs, fromMs, written) : fromMs + 1 }
}

/** Months and years have no fixed length. */
function endOf(spanMs: number, fromMs: number, written: string): number {
  if (!Number.isNaN(spanMs)) return fromMs + spanMs
  const [year, month] = written.split('-').map(Number) as [number, number | undefined]
  return month === undefined ? Date.UTC(year + 1, 0, 1) : Date.UTC(year, month, 1)
}

/** 31 February parses as a day of March. */
function isSlipped(fromMs: number, zone: string, [month, day]: readonly (string | undefined)[]): boolean {
  if (day === undefined || month === undefined) return false
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(zone) ?? []
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
  const local = new Date(fromMs + offsetMs)
  return local.getUTCMonth() + 1 !== Number(month) || local.getUTCDate() !== Number(day)
}

/** The times an instant may have to pass the test; `ne` is not one stretch and leaves all. */
export function rangeOfTest({ prefix, range: { fromMs, toMs } }: DateTest): TimeRange {
  switch (prefix) {
    case 'eq':
    case 'ap': return { fromMs, toMs }
    case 'gt':
    case 'sa': return { fromMs: toMs, toMs: Infinity }
    case 'ge': return { fromMs, toMs: Infinity }
    case 'lt':
    case 'eb': return { fromMs: -Infinity, toMs: fromMs }
    case 'le': return { fromMs: -Infinity, toMs }
    default: return { fromMs: -Infinity, toMs: Infinity }
  }
}

type Passes = (range: TimeRange, startMs: number, endMs: number) => boolean

const TESTS: Readonly<Record<Prefix, Passes>> = {
  eq: ({ fromMs, toMs }, start, end) => start >= fromMs && end < toMs,
  ne: ({ fromMs, toMs }, start, end) => start < fromMs || end >= toMs,
  ap: ({ fromMs, toMs }, start, end) => start < toMs && end >= fromMs,
  gt: ({ toMs }, _start, end) => end >= toMs,
  ge: ({ fromMs }, _start, end) => end >= fromMs,
  lt: ({ fromMs }, start) => start < fromMs,
  le: ({ toMs }, start) => start < toMs,
  sa: ({ toMs }, start) => start >= toMs,
  eb: ({ fromMs }, _start, end) => end < fromMs,
}

/** Whether a period (an instant is one of no length; an open end is not over) passes the test (FHIR R4 3.1.1.4.6). */
export function passesDate({ prefix, range }: DateTest, startMs: number, endMs = startMs): boolean {
  return TESTS[prefix](range, startMs, endMs)
}
