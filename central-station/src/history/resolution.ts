import { AppError, type Resolution } from '@vigil/contract'
import { HOUR_MS, MINUTE_MS } from './spans.ts'

/** Most samples one JSON answer carries, whatever is asked. */
export const MOST_RAW = 20_000
/** Beyond so many minutes the hourly roll-up is read: 69 days of 16 signals in a tenth of a second. */
const MOST_MINUTES = 100_000

export interface ResolutionFacts {
  /** Samples stored in the range. */
  readonly received: number
  readonly fromMs: number
  readonly toMs: number
  readonly points: number
  readonly pointsAsked: boolean
  readonly asked: Resolution | undefined
}

/**
 * Raw as long as it fits; otherwise the coarsest roll-up that still fills half the points asked for.
 * @throws AppError TOO_MANY_POINTS when a resolution was asked for that would carry more than an answer can
 */
export function chooseResolution(facts: ResolutionFacts): Resolution {
  const { received, fromMs, toMs, points, asked } = facts
  const rangeMs = toMs - fromMs
  if (asked === 'raw') assertRawFits(facts)
  if (asked === '1m' && rangeMs / MINUTE_MS > MOST_MINUTES) throw tooMany(`${Math.round(rangeMs / MINUTE_MS)} minutes`, 'Ask for resolution 1h, or for at most 69 days.', rangeMs / MINUTE_MS, MOST_MINUTES)
  if (asked !== undefined) return asked
  if (received <= Math.min(points, MOST_RAW)) return 'raw'
  return rangeMs / HOUR_MS >= points / 2 || rangeMs / MINUTE_MS > MOST_MINUTES ? '1h' : '1m'
}

function assertRawFits({ received, points, pointsAsked }: ResolutionFacts): void {
  const limit = pointsAsked ? Math.min(points, MOST_RAW) : MOST_RAW
  if (received > limit) throw tooManySamples(received, limit)
}

export function tooManySamples(count: number, limit: number): AppError {
  return tooMany(`${count} samples or more`, 'Ask for a shorter range, for resolution 1m or 1h, or download the CSV file.', count, limit)
}

function tooMany(what: string, instead: string, count: number, limit: number): AppError {
  return new AppError('TOO_MANY_POINTS', `The range holds ${what}, more than one answer carries. ${instead}`, { details: { count: Math.round(count), limit } })
}

/** Width of a merged bucket: the smallest multiple of the roll-up's own that gives at most `points` buckets. */
export function bucketWidth(baseMs: number, fromMs: number, toMs: number, points: number): number {
  const count = (width: number) => Math.ceil(toMs / width) - Math.floor(fromMs / width)
  let multiple = Math.max(1, Math.ceil((toMs - fromMs) / baseMs / points))
  // Buckets begin at whole multiples of their width since 1970, so a range can touch one more than it is long.
  while (count(multiple * baseMs) > points) multiple = Math.ceil(multiple * 1.02 + 0.5)
  return multiple * baseMs
}
