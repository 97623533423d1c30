import { type DeviceStatus, freshnessLimits } from '@vigil/contract'

/**
 * The last thing heard of a device: `alive` from itself; `assumed` when only the broker's kept message says so; its will or
 * its goodbye (`gone`); or that it sleeps.
 */
export type Word = 'alive' | 'assumed' | 'gone' | 'sleeping'

export interface Heard {
  readonly word: Word
  /** On our own monotonic clock: presence never depends on a will being delivered or on the time of day. */
  readonly atMs: number
}

/** Network jitter of a 1 Hz board must not make its presence flicker. */
const LATE_AT_LEAST_MS = 5_000
const LOST_AT_LEAST_MS = 30_000

export function statusOf({ heard, everSeen }: { heard: Heard | undefined; everSeen: boolean }, nowMs: number, intervalMs: number): DeviceStatus {
  if (!heard) return everSeen ? 'lost' : 'never'
  if (heard.word === 'gone') return 'lost'
  if (heard.word === 'sleeping') return 'sleeping'
  const { lateAfterMs, staleAfterMs } = freshnessLimits(intervalMs)
  const ageMs = nowMs - heard.atMs
  if (ageMs > Math.max(LOST_AT_LEAST_MS, staleAfterMs)) return 'lost'
  return heard.word === 'assumed' || ageMs > Math.max(LATE_AT_LEAST_MS, lateAfterMs) ? 'late' : 'online'
}
