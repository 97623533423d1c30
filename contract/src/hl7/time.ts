export interface Hl7Time {
  /** Milliseconds since the Unix epoch. */
  readonly ms: number
  /** False when the sender gave no zone: `ms` then rests on the source's own zone. */
  readonly zoned: boolean
}

const DTM = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/
// Milliseconds without a point, as some monitors write them.
const SEVENTEEN = /^(\d{14})(\d{3})([+-]\d{4})?$/

/**
 * Reads a time stamp (HL7 v2.5.1 §2.A.22), 17 digits without a point, or ISO 8601. `undefined` for what is no time: an empty
 * field, a month 13, `00000000`.
 * @param offsetMinutes zone of a stamp that names none
 */
export function readTime(text: string, offsetMinutes = 0): Hl7Time | undefined {
  const trimmed = text.trim()
  const seventeen = SEVENTEEN.exec(trimmed)
  const plain = seventeen ? `${seventeen[1]}.${seventeen[2]}${seventeen[3] ?? ''}` : trimmed
  const parts = DTM.exec(plain)
  return parts ? fromParts(parts, offsetMinutes) : fromIso(trimmed, offsetMinutes)
}

function fromParts(parts: RegExpExecArray, offsetMinutes: number): Hl7Time | undefined {
  const [year, month, day, hour, minute, second] = SMALLEST.map((smallest, i) => Number(parts[i + 1] ?? smallest)) as [number, number, number, number, number, number]
  const fraction = Math.round(Number(`0.${parts[7] ?? '0'}`) * 1_000)
  const local = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59), fraction)
  if (!isCalendar(local, month, day) || hour > 23 || minute > 59 || second > 60) return undefined
  const zone = parts[8]
  return { ms: local - (zone === undefined ? offsetMinutes : zoneMinutes(zone)) * 60_000, zoned: zone !== undefined }
}

/** Year, month, day, hour, minute, second where a stamp leaves them out. */
const SMALLEST = [0, 1, 1, 0, 0, 0] as const

/** False for a month 13 or a 30 February, which counting on would turn into another day. */
function isCalendar(local: number, month: number, day: number): boolean {
  const date = new Date(local)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function zoneMinutes(zone: string): number {
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5)))
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/

function fromIso(text: string, offsetMinutes: number): Hl7Time | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const zoned = match[1] !== undefined
  const ms = Date.parse(zoned ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`)
  return Number.isNaN(ms) ? undefined : { ms: zoned ? ms : ms - offsetMinutes * 60_000, zoned }
}

/** A time stamp in UTC with its zone. */
export function writeTime(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 18)}+0000`
}
