/** How long a time one row stands for; `none` for single measurements. Stored as its place in this list, which only grows. */
export const aggregations = ['none', 'second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const
export type Aggregation = (typeof aggregations)[number]

/** Why a row was not stored. */
export const healthRefusals = ['not_an_object', 'no_name', 'no_time', 'time', 'no_value', 'number', 'unit', 'implausible', 'text', 'too_large', 'too_deep', 'too_many_names'] as const
export type HealthRefusal = (typeof healthRefusals)[number]

/** What was made good on the way in. */
export type HealthWarning = 'FRACTION_AS_PERCENT' | 'UNIT_MISSING'

/** One row, as it is kept. */
export interface HealthValue {
  readonly metric: string
  /** Names of what measured, joined by `|`, in one order. */
  readonly source: string
  readonly aggregation: Aggregation
  readonly startMs: number
  readonly endMs: number | undefined
  /** Minutes east of UTC where the person was; `undefined` when the phone told a date alone. */
  readonly offsetMinutes: number | undefined
  /** In the metric's unit. `undefined` when the row has none: never 0 in its place. */
  readonly value: number | undefined
  readonly low: number | undefined
  readonly high: number | undefined
  /** What else the row says, JSON text. */
  readonly parts: string | undefined
  /** What came, where something had to be carried over; and the unit of a metric nobody here knows. JSON text. */
  readonly raw: string | undefined
}

/** Something with a beginning that is no number: a workout, an ECG, a symptom. */
export interface HealthEvent {
  readonly kind: EventKind
  readonly startMs: number
  readonly endMs: number | undefined
  readonly offsetMinutes: number | undefined
  readonly name: string
  readonly source: string
  /** Everything the phone said of it, JSON text. */
  readonly detail: string
}

/** Lists of a body that hold events, by their name there. */
export const eventSections = {
  workouts: 'workout',
  ecg: 'ecg',
  heartRateNotifications: 'heart_rate_notification',
  stateOfMind: 'state_of_mind',
  medications: 'medication',
  symptoms: 'symptom',
  cycleTracking: 'cycle_tracking',
} as const
export type EventSection = keyof typeof eventSections
export type EventKind = (typeof eventSections)[EventSection]

export function isEventSection(name: string): name is EventSection {
  return Object.hasOwn(eventSections, name)
}

const MOST_TEXT = 200

/** Text PostgreSQL can hold: no NUL, no half of a character. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** The same of JSON text, where both are written as escapes. */
export function isStorableJson(json: string): boolean {
  return !/\\u(?:0000|d[89a-f])/i.test(json)
}

/** A short text of a phone, or nothing. */
export function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : ''
}

let lastWritten = ''
let lastSource = ''

/** `Watch|iPhone` and `iPhone|Watch` are the same two. Rows of one source follow each other, so the last answer is kept. */
export function sourceOf(value: unknown): string {
  const text = shortText(value)
  if (!text.includes('|')) return text
  if (text !== lastWritten) {
    lastWritten = text
    lastSource = text.split('|').map((part) => part.trim()).sort().join('|')
  }
  return lastSource
}

/** Numbers, also those written as text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value.trim()) ? Number(value) : undefined
}

const WORDS: Readonly<Record<string, Aggregation>> = { none: 'none', seconds: 'second', second: 'second', minutes: 'minute', minute: 'minute', hours: 'hour', hour: 'hour', days: 'day', day: 'day', weeks: 'week', week: 'week', months: 'month', month: 'month', years: 'year', year: 'year' }

/** `automation-aggregation` of an export; `undefined` when it says nothing that is known. */
export function aggregationOf(word: string | undefined): Aggregation | undefined {
  const plain = word?.trim().toLowerCase() ?? ''
  return Object.hasOwn(WORDS, plain) ? WORDS[plain] : undefined
}
