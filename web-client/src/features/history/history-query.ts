import type { LocationQuery } from 'vue-router'
import type { HistoryAddress } from '../../paths.ts'
import { startOfDay } from '../../i18n/calendar.ts'

/** A history question as a person fills it in; all of it is in the URL. */
export interface HistoryQuestion {
  readonly stay: string | undefined
  readonly device: string | undefined
  /** Empty: everything that was recorded. */
  readonly signals: readonly string[]
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly view: 'chart' | 'table'
  /** Shown below on the same scale: `day` or `week` earlier, or the stay of another patient. */
  readonly compare?: string | undefined
}

const text = (value: LocationQuery[string] | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** ISO 8601 or milliseconds since the Unix epoch; undefined for what is neither. */
export function readTime(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = /^-?\d+$/.test(value) ? Number(value) : Date.parse(value)
  return Number.isFinite(ms) ? ms : undefined
}

export function readQuestion(query: LocationQuery): HistoryQuestion {
  return {
    stay: text(query['stay']),
    device: text(query['device']),
    signals: text(query['signals'])?.split(',').filter(Boolean) ?? [],
    fromMs: readTime(text(query['from'])),
    toMs: readTime(text(query['to'])),
    view: query['view'] === 'table' ? 'table' : 'chart',
    ...(text(query['compare']) && { compare: text(query['compare']) }),
  }
}

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString())

/** The question as the URL carries it. */
export function addressOf({ stay, device, signals, fromMs, toMs, view, compare }: HistoryQuestion): HistoryAddress {
  return { stay, device: stay ? undefined : device, signals: signals.join(',') || undefined, from: iso(fromMs), to: iso(toMs), view: view === 'table' ? view : undefined, compare }
}

export type QuestionFault = 'noSubject' | 'noFrom' | 'noTo' | 'reversed' | 'tooLong'
/** A year: more is refused before the server is asked. */
const LONGEST_MS = 366 * 86_400_000

/** What is wrong with a question, before it is asked. */
export function faultOf({ stay, device, fromMs, toMs }: HistoryQuestion): QuestionFault | undefined {
  if (!stay && !device) return 'noSubject'
  if (fromMs === undefined) return 'noFrom'
  if (toMs === undefined) return 'noTo'
  if (toMs <= fromMs) return 'reversed'
  return toMs - fromMs > LONGEST_MS ? 'tooLong' : undefined
}

const HOUR = 3_600_000
export const quickRanges = ['hour', 'shift', 'night', 'day', 'threeDays', 'week'] as const
export type QuickRange = (typeof quickRanges)[number]

/** Ranges people ask for by name. Last night: 22:00 to 06:00 of the night that ended last. */
export function quickRange(name: QuickRange, nowMs: number): { fromMs: number; toMs: number } {
  const lengths: Partial<Record<QuickRange, number>> = { hour: HOUR, shift: 8 * HOUR, day: 24 * HOUR, threeDays: 72 * HOUR, week: 168 * HOUR }
  const length = lengths[name]
  if (length !== undefined) return { fromMs: nowMs - length, toMs: nowMs }
  const today = startOfDay(nowMs)
  const toMs = nowMs >= today + 6 * HOUR ? today + 6 * HOUR : today - 18 * HOUR
  return { fromMs: toMs - 8 * HOUR, toMs }
}

/** Signals offered in the form, in the order of the wall. */
export const offeredSignals = ['hr', 'pr', 'spo2', 'pi', 'rr', 'rrppg', 'temp', 'tcore', 'tskin', 'pip', 'peep', 'paw', 'sys', 'dia', 'map', 'etco2', 'co2', 'batt'] as const

const earlier: Readonly<Record<string, number>> = { day: 24 * HOUR, week: 168 * HOUR }

/** What stands beside the answer: the same span earlier, or the same time of another stay. */
export function comparedSpan(compare: string | undefined, { from, to }: { readonly from: number; readonly to: number }): { stay?: string; from: number; to: number } | undefined {
  if (compare === undefined) return undefined
  const shift = earlier[compare]
  return shift === undefined ? { stay: compare, from, to } : { from: from - shift, to: to - shift }
}
