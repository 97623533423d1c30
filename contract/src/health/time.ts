import { refuse } from './refuse.ts'

/** A moment as a phone writes it. The offset stays with it: which day it was depends on where the person was. */
export interface HealthTime {
  /** Milliseconds since the Unix epoch. A date alone stands at its midnight, UTC. */
  readonly ms: number
  /** Minutes east of UTC; `undefined` for a date alone. */
  readonly offsetMinutes: number | undefined
  readonly dateOnly: boolean
}

/** Ordinary, no-break and narrow no-break space: iOS writes the last before AM and PM. */
const GAP = '[ \\u00a0\\u202f]'
const FORM = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)(?:(?:T|${GAP})(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?(?:${GAP}?([ap])\\.?m\\.?)?${GAP}?(z|[+-]\\d\\d:?\\d\\d))?$`, 'i')
const FURTHEST_OFFSET_MINUTES = 14 * 60
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * `yyyy-MM-dd HH:mm:ss Z` and what is met in its place: twelve hours, fractions of a second, ISO 8601, a date alone. A time of day without
 * an offset is refused: it could be any of a day's moments.
 */
export function readHealthTime(text: unknown): HealthTime | undefined {
  if (typeof text !== 'string' || text.length > 50) return undefined
  return text.length === PLAIN.length ? (readPlain(text) ?? readAny(text)) : readAny(text)
}

/** The form of nearly every row. Day and offset are those of the row before it, as a rule. */
const PLAIN = 'yyyy-MM-dd HH:mm:ss +0000'
let plainDay = ''
let plainDayMs = 0
let plainOffset = ''
let plainOffsetMinutes = 0

function readPlain(text: string): HealthTime | undefined {
  const timeMs = plainTime(text)
  if (timeMs === undefined) return undefined
  const day = text.slice(0, 11)
  const offset = text.slice(19)
  if (day !== plainDay || offset !== plainOffset) {
    // Judged whole once; what differs only in its time is as good.
    const whole = readAny(`${day}00:00:00${offset}`)
    if (whole?.offsetMinutes === undefined || day.charCodeAt(10) !== 0x20 || offset.charCodeAt(0) !== 0x20) return undefined
    plainDay = day
    plainDayMs = whole.ms
    plainOffset = offset
    plainOffsetMinutes = whole.offsetMinutes
  }
  return { ms: plainDayMs + timeMs, offsetMinutes: plainOffsetMinutes, dateOnly: false }
}

/** `HH:mm:ss` at its place, ms after midnight; nothing for what is none. */
function plainTime(text: string): number | undefined {
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  return hour <= 23 && minute <= 59 && second <= 60 ? hour * 3_600_000 + minute * MINUTE_MS + second * 1_000 : undefined
}

const COLON = 0x3a

/** 100 and more for what is no number. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 0x30, text.charCodeAt(at + 1) - 0x30]
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 100
}

function readAny(text: string): HealthTime | undefined {
  const found = FORM.exec(text)
  if (!found) return undefined
  const dayMs = dayOf(Number(found[1]), Number(found[2]), Number(found[3]))
  if (dayMs === undefined) return undefined
  if (found[4] === undefined) return { ms: dayMs, offsetMinutes: undefined, dateOnly: true }
  const timeMs = timeOfDay(found)
  const offsetMinutes = offsetOf(found[9] as string)
  if (timeMs === undefined || offsetMinutes === undefined) return undefined
  return { ms: dayMs + timeMs - offsetMinutes * MINUTE_MS, offsetMinutes, dateOnly: false }
}

function dayOf(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(year, month - 1, day)
  const date = new Date(ms)
  return year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined
}

function timeOfDay(found: RegExpExecArray): number | undefined {
  const half = found[8]?.toLowerCase()
  const written = Number(found[4])
  if (half !== undefined && (written < 1 || written > 12)) return undefined
  const hour = half === undefined ? written : (written % 12) + (half === 'p' ? 12 : 0)
  const minute = Number(found[5])
  const second = Number(found[6] ?? 0)
  if (hour > 23 || minute > 59 || second > 60) return undefined
  return hour * 3_600_000 + minute * MINUTE_MS + second * 1_000 + Math.round(Number(`0.${found[7] ?? 0}`) * 1_000)
}

function offsetOf(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))
  if (minutes > FURTHEST_OFFSET_MINUTES || Number(text.slice(-2)) > 59) return undefined
  return text.startsWith('-') ? -minutes : minutes
}

/** Where in its own day a moment stands, ms after midnight there. */
export function timeOfLocalDay(ms: number, offsetMinutes: number): number {
  return (((ms + offsetMinutes * MINUTE_MS) % DAY_MS) + DAY_MS) % DAY_MS
}

/** The time of a row; throws `Refused` where there is none. */
export function timeAt(text: unknown): HealthTime {
  if (text === undefined || text === null || text === '') return refuse('no_time')
  return readHealthTime(text) ?? refuse('time')
}
