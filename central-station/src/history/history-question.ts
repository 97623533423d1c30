import { AppError, type Clock, type HistoryQuery, type Resolution, type Signal, signalByName } from '@vigil/contract'
import { assertForward, readTimeRange } from './time-range.ts'

/** A history question, read and judged. */
export interface HistoryQuestion {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** `undefined`: all that have data. */
  readonly signals: readonly Signal[] | undefined
  /** Most points per series. */
  readonly points: number
  readonly pointsAsked: boolean
  readonly resolution: Resolution | undefined
}

export const DEFAULT_POINTS = 1_000
const DEFAULT_RANGE_MS = 3_600_000

/** @throws AppError INVALID_RANGE, UNKNOWN_SIGNAL */
export function readQuestion(query: HistoryQuery, clock: Clock): HistoryQuestion {
  const { fromMs, toMs = fromMs === undefined ? clock.now() : Math.max(clock.now(), fromMs + 1) } = readTimeRange(query)
  const from = fromMs ?? toMs - DEFAULT_RANGE_MS
  assertForward(from, toMs)
  return {
    fromMs: from,
    toMs,
    signals: query.signals === undefined ? undefined : readSignals(query.signals),
    points: query.points ?? DEFAULT_POINTS,
    pointsAsked: query.points !== undefined,
    resolution: query.resolution,
  }
}

/** Short names separated by commas. @throws AppError UNKNOWN_SIGNAL */
export function readSignals(text: string): Signal[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()).filter((name) => name !== ''))]
  const unknown = names.filter((name) => signalByName(name) === undefined)
  if (unknown.length > 0 || names.length === 0) {
    const what = names.length === 0 ? 'No signal is named.' : `Unknown: ${unknown.join(', ')}.`
    throw new AppError('UNKNOWN_SIGNAL', `${what} Use short names such as pr, spo2, temp, separated by commas.`, { details: { unknown } })
  }
  return names.flatMap((name) => signalByName(name) ?? [])
}
