import type { Limits, LimitsChange, LimitValue } from '@vigil/contract/api/alarm-limits'

export type LimitRow = Limits['limits'][number]
export type LimitKey = LimitRow['condition']
/** What a person has set but not saved, by condition. */
export type Draft = Readonly<Partial<Record<LimitKey, LimitValue | null>>>

/** Value, delay and priority. */
export const sameLimit = (a: LimitValue | null, b: LimitValue | null) => (a === null || b === null ? a === b : a.value === b.value && a.delayS === b.delayS && a.priority === b.priority)

/** The draft with one limit set; setting it back to what is in force takes it out. */
export function withLimit(draft: Draft, row: LimitRow, value: LimitValue | null): Draft {
  const { [row.condition]: _old, ...others } = draft
  return sameLimit(value, row.inForce) ? others : { ...others, [row.condition]: value }
}

export const shownLimit = (draft: Draft, row: LimitRow): LimitValue | null => (row.condition in draft ? (draft[row.condition] ?? null) : row.inForce)

/** Step of the plus and minus buttons, in the unit of the limit. */
export function stepOf(condition: string): number {
  const signal = condition.split(':')[1]
  return signal === 'temp' ? 0.1 : signal === 'pr' || signal === 'hr' ? 5 : 1
}

/** Within what may be set, to the step's precision. */
export function clamped(value: number, [low, high]: readonly [number, number], step: number): number {
  return Math.min(high, Math.max(low, Number((Math.round(value / step) * step).toFixed(3))))
}

/** A number as a person types it, with either decimal sign; NaN for anything else, and for nothing. */
export function numberIn(text: string): number {
  const plain = text.trim().replace(',', '.')
  return plain === '' ? Number.NaN : Number(plain)
}

/** Until when a change holds, offered in the order people use. Minutes; null: until changed again. */
export const expiries = [60, 240, 480, 720, null] as const
export type Expiry = (typeof expiries)[number]

export function changeFrom(limits: Limits, draft: Draft, reason: string, expiresInMinutes: Expiry): LimitsChange {
  return { version: limits.version, reason: reason.trim(), limits: { ...draft }, expiresInMinutes }
}

/** The rows a nurse sets most, first; the rest is under "more". */
export const usual: readonly LimitKey[] = ['low:spo2', 'high:spo2', 'desat:spo2', 'low:pr', 'high:pr', 'low:rr', 'high:rr', 'low:temp', 'high:temp', 'news2']
