import { type Clock, signalByName, TREND_STEP_MS, TREND_STEPS } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { HistoryStore } from '../history/history-store.ts'
import { clip, type Span } from '../history/spans.ts'
import type { Registry } from '../registry/registry.ts'
import { type QuarterHour, trendSignals } from './quarter-hour.ts'

export interface FillOptions {
  readonly quarter: QuarterHour
  readonly store: Pick<HistoryStore, 'raw'>
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
}

const QUARTER_MS = TREND_STEPS * TREND_STEP_MS
/** A sample each millisecond; no device sends more. */
const MOST_SAMPLES = QUARTER_MS
const signals = trendSignals.flatMap((name) => signalByName(name) ?? [])

/**
 * After a restart the courses on the wall go on where they were. Samples and not their roll-ups: a step is half a minute, and the newest
 * minutes have no roll-up yet; so each course is what it would be had this program heard it all. Works once; what fails is tried
 * again by the next call.
 */
export function createQuarterHourFill({ quarter, store, registry, clock, log }: FillOptions): () => Promise<void> {
  let filled = false
  return async () => {
    if (filled) return
    try {
      for (const span of clip(linkedNow(registry), clock.now() - QUARTER_MS, clock.now())) {
        const samples = await store.raw(span, signals, MOST_SAMPLES)
        if (samples) quarter.fill(span.deviceId, samples)
      }
      filled = true
    } catch (err) {
      log.warn({ err }, 'ward_trend.not_filled')
    }
  }
}

/** From when each device measures the patient it is linked to now: what it measured before is somebody else's. */
function linkedNow(registry: Registry): Span[] {
  const { world, devices } = registry.now()
  return world.stays.flatMap(({ link }) => {
    const device = link ? devices.get(link.deviceId) : undefined
    return link && device ? [{ deviceNo: device.no, deviceId: device.id, fromMs: link.fromMs, toMs: Infinity }] : []
  })
}
