/** What turns the parts of a record into words. */
export interface DetailWords {
  /** "low:spo2" in words; the name itself when it is no condition. */
  readonly condition: (name: string) => string
  readonly dateTime: (ms: number) => string
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/
/** Numbers that can only be times: milliseconds of the years 2001 to 2096. */
const [FIRST_MS, LAST_MS] = [1e12, 4e12]

/** What a record says besides who and what, as a person reads it: no braces, no milliseconds; nothing left out. */
export function detailWords(detail: Readonly<Record<string, unknown>>, words: DetailWords): string {
  return Object.entries(detail).map(([key, value]) => `${nameOf(key, words)}: ${valueOf(value, words)}`).join(' · ')
}

/** `expiresInMinutes` is "expires in minutes". */
function nameOf(key: string, { condition }: DetailWords): string {
  const named = condition(key)
  return named === key ? key.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase() : named
}

function valueOf(value: unknown, words: DetailWords): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((one) => valueOf(one, words)).join(', ')
  if (typeof value === 'object') return Object.entries(value).map(([key, inner]) => `${nameOf(key, words)} ${typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? `(${valueOf(inner, words)})` : valueOf(inner, words)}`).join(', ')
  return plainOf(value, words)
}

function plainOf(value: unknown, { condition, dateTime }: DetailWords): string {
  if (typeof value === 'number' && value > FIRST_MS && value < LAST_MS) return dateTime(value)
  const text = String(value)
  return ISO_TIME.test(text) ? dateTime(Date.parse(text)) : condition(text)
}
