import { describe, expect, it } from 'vitest'
import { createSampleTimeline } from '../../src/sensors/sample-timeline.ts'
import { uniformAt } from '../../src/sim/seeded-noise.ts'

const HZ = 25
const PERIOD_MS = 40

describe('times of samples that come in bursts', () => {
  it('are evenly spaced although the host looks at uneven moments', () => {
    const timeline = createSampleTimeline(HZ)
    let takenUntil = 0
    let nextMs: number | undefined
    let largestShiftMs = 0
    for (let look = 0, nowMs = 0; look < 500; look += 1) {
      nowMs += 300 + 200 * uniformAt(1, look)
      const count = Math.floor(nowMs / PERIOD_MS) - takenUntil
      const { t0Ms, lost } = timeline.place(count, nowMs)
      // After the first second the timeline has found the chip's beat and only runs on.
      if (nextMs !== undefined && nowMs > 20_000) largestShiftMs = Math.max(largestShiftMs, Math.abs(t0Ms - nextMs))
      takenUntil += count
      nextMs = t0Ms + count * PERIOD_MS
      expect(lost).toBe(0)
      expect(Math.abs(nextMs - (takenUntil + 1) * PERIOD_MS)).toBeLessThanOrEqual(PERIOD_MS)
    }
    expect(largestShiftMs).toBeLessThan(1)
  })

  it('stay within one sample of the truth when the chip runs 2 % fast or slow', () => {
    for (const chipPeriodMs of [PERIOD_MS * 0.98, PERIOD_MS * 1.02]) {
      const timeline = createSampleTimeline(HZ)
      let taken = 0
      for (let nowMs = 400; nowMs < 600_000; nowMs += 400) {
        const count = Math.floor(nowMs / chipPeriodMs) - taken
        taken += count
        const { t0Ms } = timeline.place(count, nowMs)
        const newestMs = t0Ms + (count - 1) * PERIOD_MS
        expect(nowMs - newestMs).toBeGreaterThanOrEqual(0)
        expect(nowMs - newestMs).toBeLessThanOrEqual(PERIOD_MS)
      }
    }
  })

  it('say how many samples an interruption cost', () => {
    const timeline = createSampleTimeline(HZ)
    timeline.place(10, 400)
    timeline.interrupt()
    const { t0Ms, lost } = timeline.place(10, 3_400)
    expect(t0Ms).toBe(3_400 - 20 - 9 * PERIOD_MS)
    expect(lost).toBe(65)
  })

  it('count nothing as lost before the first sample', () => {
    const timeline = createSampleTimeline(HZ)
    timeline.interrupt()
    expect(timeline.place(5, 9_000).lost).toBe(0)
  })
})
