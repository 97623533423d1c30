import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSample, topicOf, TREND_STEP_MS, TREND_STEPS } from '@vigil/contract'
import { defaultStayLimits } from '@vigil/contract/alarms'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import type { Span } from '../../src/history/spans.ts'
import type { LiveListener } from '../../src/live/live-device.ts'
import { createLiveHub } from '../../src/live/live-hub.ts'
import { createQuarterHourFill } from '../../src/wards/fill-quarter-hour.ts'
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

const QUARTER_MS = TREND_STEPS * TREND_STEP_MS

interface Sample {
  readonly t: number
  readonly spo2: number
}

/** A station that has just started, beside what was stored before; every device is linked since `linkedMs`. */
function started({ stored, linkedMs = 0 }: { stored: readonly Sample[]; linkedMs?: number }) {
  const clock = manualClock(T)
  const registry = memoryRegistry(wardOf(1, linkedMs))
  let listener: LiveListener = {}
  const hub = {
    listen(it: LiveListener) {
      listener = it
      return () => undefined
    },
  }
  const quarter = watchQuarterHour(hub, clock)
  const asked: Span[] = []
  const away = { now: false }
  const store = {
    raw: async (span: Span) => {
      asked.push(span)
      if (away.now) throw new TypeError('away')
      const inside = stored.filter(({ t }) => t >= span.fromMs && t < span.toMs)
      return { times: Float64Array.from(inside, ({ t }) => t), columns: new Map([['spo2' as const, Float64Array.from(inside, ({ spo2 }) => spo2)]]) }
    },
  }
  const fill = createQuarterHourFill({ quarter, store, registry, clock, log: silentLog })
  const hear = ({ t, spo2 }: Sample) => listener.sample?.('d0', judgeSample({ e: 'a', s: 1, m: { spo2 } }), { lane: 'tele', epoch: 'a1', seq: 1, t, ourMs: t, clockSuspect: false })
  return { fill, hear, asked, away, means: () => quarter.means('d0', 'spo2', linkedMs) }
}

const samplesBefore = fc.array(fc.record({ t: fc.integer({ min: T - 2 * QUARTER_MS, max: T - 1 }), spo2: fc.integer({ min: 70, max: 100 }) }), { maxLength: 80 }).map((samples) => samples.toSorted((a, b) => a.t - b.t))

describe('the last quarter of an hour after a restart', () => {
  it('is what it would be had the station heard it all; a step of which it heard anything is left as it heard it', async () => {
    await fc.assert(fc.asyncProperty(samplesBefore, fc.integer({ min: T - QUARTER_MS, max: T }), fc.boolean(), async (samples, restartMs, heardFirst) => {
      const since = samples.filter(({ t }) => t >= restartMs)
      const always = started({ stored: [] })
      const anew = started({ stored: samples })
      const lately = started({ stored: [] })
      for (const sample of samples) always.hear(sample)
      for (const sample of since) lately.hear(sample)
      if (heardFirst) for (const sample of since) anew.hear(sample)
      await anew.fill()
      const heard = lately.means()
      expect(anew.means()).toEqual(always.means().map((mean, i) => (heardFirst ? (heard[i] ?? mean) : mean)))
    }), { seed: 9, numRuns: 60 })
  })

  it('has nothing of the patient whom the device measured before', async () => {
    const linkedMs = T - 4.5 * TREND_STEP_MS
    const { fill, asked, means } = started({ linkedMs, stored: [{ t: linkedMs - 1, spo2: 80 }, { t: linkedMs, spo2: 95 }, { t: T - 2 * TREND_STEP_MS, spo2: 97 }] })
    await fill()
    expect(asked).toMatchObject([{ deviceId: 'd0', deviceNo: 1, fromMs: linkedMs, toMs: T }])
    expect(means().filter((mean) => mean !== null)).toEqual([97])
  })

  it('is asked for until it is answered, and then not again', async () => {
    const { fill, asked, away, means } = started({ stored: [{ t: T - TREND_STEP_MS, spo2: 93 }] })
    away.now = true
    await fill()
    expect(means().every((mean) => mean === null)).toBe(true)
    away.now = false
    await fill()
    expect(means().at(-2)).toBe(93)
    await fill()
    expect(asked).toHaveLength(2)
  })
})
