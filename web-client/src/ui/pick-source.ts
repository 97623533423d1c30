import type { LatestValue } from '@vigil/contract/api/schema'
import { freshnessAt, freshnessLimits } from '@vigil/contract/freshness'
import { sources, type Source } from './vital-signals.ts'

/**
 * Which of several signals speaks for one thing (HR before PR): the best one that has a value now, otherwise the one heard
 * last, otherwise the one the device offers. The label always names the one shown.
 */
export function pickSource(source: Source, latest: Readonly<Record<string, LatestValue>>, nowMs: number, intervalMs: number, offered: readonly string[] = []): string {
  const [first, ...others] = sources[source] as readonly [string, ...string[]]
  const candidates = [first, ...others]
  const fallback = candidates.find((s) => offered.includes(s)) ?? first
  const limits = freshnessLimits(intervalMs)
  const usable = candidates.find((s) => {
    const value = latest[s]
    return value && value.v !== null && freshnessAt(value.t, nowMs, limits) !== 'stale'
  })
  return usable ?? candidates.reduce((best, s) => ((latest[s]?.t ?? 0) > (latest[best]?.t ?? 0) ? s : best), fallback)
}
