/** Quick ranges of the trend tab; the chosen one is in the URL. */
export const trendRanges = ['1h', '4h', '12h', '24h', '3d', '7d'] as const
export type TrendRange = (typeof trendRanges)[number]

const HOUR = 3_600_000
const lengths: Record<TrendRange, number> = { '1h': HOUR, '4h': 4 * HOUR, '12h': 12 * HOUR, '24h': 24 * HOUR, '3d': 72 * HOUR, '7d': 168 * HOUR }
export const DEFAULT_RANGE: TrendRange = '4h'

export function readRange(value: unknown): TrendRange {
  return trendRanges.find((range) => range === value) ?? DEFAULT_RANGE
}

export const rangeMs = (range: TrendRange): number => lengths[range]

/** Server time a trend is opened at, ms since the Unix epoch, from the address; undefined: it goes up to now. */
export function readAt(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** A range of its own out of the address, ms since the Unix epoch; undefined when it is none. */
export function readSpan(from: unknown, to: unknown): { fromMs: number; toMs: number } | undefined {
  const [fromMs, toMs] = [readAt(from), readAt(to)]
  return fromMs !== undefined && toMs !== undefined && toMs > fromMs ? { fromMs, toMs } : undefined
}

/** What is asked for: up to now, or with `atMs` in the middle as far as the time after it has passed. */
export function windowOf(range: TrendRange, atMs: number | undefined, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = Math.round(atMs === undefined ? nowMs : Math.min(nowMs, atMs + rangeMs(range) / 2))
  return { fromMs: toMs - rangeMs(range), toMs }
}

/** Points asked for: about one for two pixels of a wide screen. */
export const TREND_POINTS = 800

/** A trend is fetched anew when about two more points would fit, never more often than every ten seconds. */
export const refreshEveryMs = (range: TrendRange): number => Math.max(10_000, (2 * rangeMs(range)) / TREND_POINTS)

/** What a trend shows when the patient has it. */
export const trendSignals = 'hr,pr,spo2,rr,rrppg,temp,tcore,tskin,pip,peep'
