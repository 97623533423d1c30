import { describe, expect, it } from 'vitest'
import { topicOf, TREND_STEP_MS, TREND_STEPS } from '@vigil/contract'
import { defaultStayLimits } from '@vigil/contract/alarms'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createLiveHub } from '../../src/live/live-hub.ts'
import { watchQuarterHour } from '../../src/wards/quarter-hour.ts'
import { createWardTrend } from '../../src/wards/ward-trend.ts'
import { memoryRegistry, wardOf } from '../support/world.ts'

const T = Date.UTC(2026, 0, 1)
const decision = { by: 'nurse', role: 'nurse', atMs: T, why: 'with the patient', untilMs: null }

/** A ward of two beds; `s0` was linked at `linkedMs`. */
function openWard(linkedMs = 0) {
  const clock = manualClock(T)
  const world = wardOf(2, linkedMs)
  const registry = memoryRegistry(world)
  const hub = createLiveHub({ registry, clock, countDrop: () => undefined })
  const quarter = watchQuarterHour(hub, clock)
  const trendOf = createWardTrend({ registry, quarter, clock })
  let s = 0
  const hear = (m: Record<string, number>, channel: 'tele' | 'backlog' = 'tele') => hub.receive({ topic: topicOf({ site: 'main', device: 'd0' }, channel), payload: Buffer.from(JSON.stringify({ e: 'a', s: ++s, t: clock.now(), m })), retained: false })
  return { clock, registry, world, hear, beds: () => trendOf(registry.now().wards.get('w') as never).beds }
}

describe('the last quarter of an hour of a ward', () => {
  it('is a mean every half minute, oldest first, with the limits in force; a bed that measured nothing is left out', () => {
    const { clock, hear, beds } = openWard()
    hear({ spo2: 96 })
    hear({ spo2: 98 })
    clock.advance(2 * TREND_STEP_MS)
    hear({ spo2: 91, pr: 70 })
    const [bed, ...others] = beds()
    expect(others).toEqual([])
    expect(bed).toMatchObject({ bedId: 'b0', stayId: 's0', signals: { spo2: { low: 90 }, pr: { low: 50, high: 120 } } })
    expect(bed?.signals['spo2']?.means).toHaveLength(TREND_STEPS)
    expect(bed?.signals['spo2']?.means.slice(-4)).toEqual([null, 97, null, 91])
  })

  it('forgets what is older, also when the place of the ring is not written again', () => {
    const { clock, hear, beds } = openWard()
    hear({ spo2: 96 })
    clock.advance(TREND_STEPS * TREND_STEP_MS)
    expect(beds()).toEqual([])
    hear({ spo2: 94 })
    expect(beds()[0]?.signals['spo2']?.means.filter((mean) => mean !== null)).toEqual([94])
  })

  it('shows nobody what was measured before they were linked, and nothing of a backlog', () => {
    const { clock, hear, beds } = openWard(T + 2 * TREND_STEP_MS)
    hear({ spo2: 85 })
    clock.advance(2 * TREND_STEP_MS)
    expect(beds()).toEqual([])
    hear({ spo2: 84 }, 'backlog')
    hear({ spo2: 97 })
    expect(beds()[0]?.signals['spo2']?.means.filter((mean) => mean !== null)).toEqual([97])
  })

  it('draws no limit where the alarm is switched off', () => {
    const { registry, world, hear, beds } = openWard()
    hear({ spo2: 97, pr: 70 })
    const stays = world.stays.map((stay) => ({ ...stay, care: { limits: { ...defaultStayLimits, off: { 'low:pr': decision } }, typed: {} } }))
    registry.set({ ...world, stays })
    expect(beds()[0]?.signals['pr']).not.toHaveProperty('low')
    expect(beds()[0]?.signals).toMatchObject({ pr: { high: 120 }, spo2: { low: 90 } })
  })
})
