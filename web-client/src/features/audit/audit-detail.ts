/** What turns the parts of a record into words. */
export interface DetailWords {
  /** "low:spo2" in words; the name itself when it is no condition. */
  readonly condition: (name: string) => string
  readonly dateTime: (ms: number) => string
  readonly duration: (ms: number) => string
  /** What a part is called; nothing when there is no word for it. */
  readonly name: (key: string) => string | undefined
  /** What a part says, where its name tells which words it takes: a role, a right, a command, a bed. */
  readonly value: (key: string, text: string) => string | undefined
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/
/** Numbers that can only be times: milliseconds of the years 2001 to 2096. A question of the past has them as text. */
const [FIRST_MS, LAST_MS] = [1e12, 4e12]
const MILLISECONDS = /^\d{13}$/
/** Parts that are a length of time, by their unit. */
const lengths: Readonly<Record<string, number>> = { delayS: 1_000, expiresInMinutes: 60_000, reAlarmMinutes: 60_000, previousValidForMs: 1 }

/** What a record says besides who and what, as a person reads it: no braces, no milliseconds; nothing left out. */
export function detailWords(detail: Readonly<Record<string, unknown>>, words: DetailWords): string {
  return Object.entries(detail).map(([key, value]) => `${nameOf(key, words)}: ${valueOf(key, value, words)}`).join(' · ')
}

/** Without a word of its own, `expiresInMinutes` is "expires in minutes". */
function nameOf(key: string, { condition, name }: DetailWords): string {
  const named = name(key) ?? condition(key)
  return named === key ? key.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase() : named
}

function valueOf(key: string, value: unknown, words: DetailWords): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((one) => valueOf(key, one, words)).join(', ')
  if (isChange(value)) return `${valueOf(key, value.before, words)} → ${valueOf(key, value.after, words)}`
  if (typeof value === 'object') return Object.entries(value).map(([inner, of]) => `${nameOf(inner, words)} ${typeof of === 'object' && of !== null && !Array.isArray(of) ? `(${valueOf(inner, of, words)})` : valueOf(inner, of, words)}`).join(', ')
  return plainOf(key, value, words)
}

/** What a part was and what it became; the record does not keep their order. */
function isChange(value: object | string | number | boolean): value is { readonly before: unknown; readonly after: unknown } {
  return typeof value === 'object' && 'before' in value && 'after' in value && Object.keys(value).length === 2
}

function plainOf(key: string, value: unknown, { condition, dateTime, duration, value: worded }: DetailWords): string {
  const unitMs = lengths[key]
  if (unitMs !== undefined && typeof value === 'number') return duration(value * unitMs)
  if (typeof value === 'number' && value > FIRST_MS && value < LAST_MS) return dateTime(value)
  const text = String(value)
  if (ISO_TIME.test(text)) return dateTime(Date.parse(text))
  if (MILLISECONDS.test(text) && Number(text) < LAST_MS) return dateTime(Number(text))
  return worded(key, text) ?? condition(text)
}
