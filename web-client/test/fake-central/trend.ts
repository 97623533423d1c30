import type { WardTrend } from '@vigil/contract/api/ward-trend'
import { TREND_STEP_MS, TREND_STEPS } from '@vigil/contract/trend-steps'
import type { FakeCentral } from './fake-central.ts'
import { measured } from './ward.ts'

/** The last quarter of an hour of a ward; what a test put into `trends` stands for what was measured. */
export function trendOf(central: FakeCentral, wardId: string): WardTrend {
  const nowMs = central.clock.now()
  const numbers = [...central.world.devices.keys()]
  const beds = central.world.wards.find(({ id }) => id === wardId)?.beds ?? []
  return {
    serverTimeMs: nowMs,
    stepMs: TREND_STEP_MS,
    beds: beds.flatMap(({ id: bedId, stay }) => {
      if (!stay?.deviceId || central.world.devices.get(stay.deviceId)?.silent) return []
      const n = numbers.indexOf(stay.deviceId)
      const means = (signal: string) => central.trends.get(`${bedId}/${signal}`) ?? Array.from({ length: TREND_STEPS }, (_, i) => measured(n, nowMs - (TREND_STEPS - 1 - i) * TREND_STEP_MS)[signal] ?? null)
      return [{ bedId, stayId: stay.id, signals: { pr: { means: means('pr'), low: 50, high: 120 }, spo2: { means: means('spo2'), low: 90 }, rr: { means: means('rr'), low: 8, high: 30 } } }]
    }),
  }
}
