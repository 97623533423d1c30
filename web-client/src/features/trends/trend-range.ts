import type { Limits } from '@vigil/contract/api/alarm-limits'

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

/** Points asked for: about one for two pixels of a wide screen. */
export const TREND_POINTS = 800

/** A trend is fetched anew when about two more points would fit, never more often than every ten seconds. */
export const refreshEveryMs = (range: TrendRange): number => Math.max(10_000, (2 * rangeMs(range)) / TREND_POINTS)

/** What a trend shows when the patient has it. */
export const trendSignals = 'hr,pr,spo2,rr,rrppg,temp,tcore,tskin,pip,peep'

/** Limits in force as bands by signal; a limit that is not watched or switched off is no edge. */
export function bandsOf(limits: Limits['limits']): Record<string, { low?: number; high?: number }> {
  const bands: Record<string, { low?: number; high?: number }> = {}
  for (const { condition, inForce } of limits) {
    const [side, signal = ''] = condition.split(':')
    if (inForce && (side === 'low' || side === 'high')) (bands[signal] ??= {})[side] = inForce.value
  }
  return bands
}
