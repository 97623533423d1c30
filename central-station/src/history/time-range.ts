import { AppError } from '@vigil/contract'

/** No device of ours measured earlier; a range that begins earlier is a slip of the pen. */
export const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
export const LONGEST_MS = 10 * 366 * 86_400_000

export interface AskedTimes {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/**
 * Reads one time as a person or program writes it: ISO 8601 (UTC unless it names a zone) or ms since the Unix epoch.
 * @throws AppError INVALID_RANGE
 */
export function readTime(name: 'from' | 'to', text: string): number {
  const ms = /^-?\d+$/.test(text) && text.length > 4 ? Number(text) : parseIso(text)
  if (ms === undefined || Number.isNaN(ms)) {
    throw new AppError('INVALID_RANGE', `"${name}" is not a time. Write it as 2026-07-14T02:00:00Z or as milliseconds since 1970.`, { details: { field: name } })
  }
  if (ms < EARLIEST_MS || ms > LATEST_MS) throw new AppError('INVALID_RANGE', `"${name}" must lie between the years 2000 and 2100.`, { details: { field: name } })
  return ms
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

function parseIso(text: string): number | undefined {
  // A "+" in a query that was not encoded arrives as a space.
  const restored = text.trim().replace(/ (\d{2}:?\d{2})$/, '+$1')
  const match = ISO.exec(restored)
  if (!match) return undefined
  const withTime = restored.length > 10
  return Date.parse(withTime && match[1] === undefined ? `${restored.replace(' ', 'T')}Z` : restored.replace(' ', 'T'))
}

/** Both ends as far as given, in order. @throws AppError INVALID_RANGE */
export function readTimeRange({ from, to }: AskedTimes): { fromMs: number | undefined; toMs: number | undefined } {
  const fromMs = from === undefined ? undefined : readTime('from', from)
  const toMs = to === undefined ? undefined : readTime('to', to)
  if (fromMs !== undefined && toMs !== undefined) assertForward(fromMs, toMs)
  return { fromMs, toMs }
}

/** @throws AppError INVALID_RANGE */
export function assertForward(fromMs: number, toMs: number): void {
  if (fromMs >= toMs) throw new AppError('INVALID_RANGE', 'The range is reversed or empty: "from" must be before "to".')
  if (toMs - fromMs > LONGEST_MS) throw new AppError('INVALID_RANGE', 'The range is longer than 10 years. Ask for a shorter one.')
}
