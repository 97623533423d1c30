import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { judgeSample } from '@vigil/contract'
import { createLatestValues, type Lane, type LatestValues } from '../../src/live/latest-values.ts'

const T = Date.UTC(2026, 0, 1)

function take(latest: LatestValues, sample: { s?: number; e?: string; t?: number; m?: Record<string, number>; x?: Record<string, string>; q?: Record<string, string>; sq?: Record<string, number> }, lane: Lane = 'tele') {
  const { s = 1, e = 'a1', t = T, m = {}, ...rest } = sample
  return latest.take(judgeSample({ e, s, m, ...rest }), { lane, t, epoch: e, seq: s })
}

describe('the newest value of each signal', () => {
  it('carries when it was measured, and what the device remarked', () => {
    const latest = createLatestValues()
    expect(take(latest, { m: { spo2: 97, pr: 72 }, q: { spo2: 'low' }, sq: { spo2: 40 } })).toEqual(['spo2', 'pr'])
    expect(latest.since(0)).toEqual({ spo2: { v: 97, t: T, q: 'low', sq: 40 }, pr: { v: 72, t: T } })
  })

  it('is not replaced by the same object again, nor by an earlier number of the same epoch', () => {
    const latest = createLatestValues()
    take(latest, { s: 5, m: { pr: 72 } })
    expect(take(latest, { s: 5, m: { pr: 99 } })).toEqual([])
    expect(take(latest, { s: 4, t: T + 9_000, m: { pr: 99 } })).toEqual([])
    expect(latest.one('pr', 0)?.v).toBe(72)
  })

  it('follows the device when its clock was set back', () => {
    const latest = createLatestValues()
    take(latest, { s: 5, t: T, m: { pr: 72 } })
    take(latest, { s: 6, t: T - 60_000, m: { pr: 73 } })
    expect(latest.one('pr', 0)).toEqual({ v: 73, t: T - 60_000 })
  })

  it('is never replaced by an older one from the backlog', () => {
    const latest = createLatestValues()
    take(latest, { s: 100, t: T, m: { pr: 72 } })
    expect(take(latest, { e: 'old', s: 900, t: T - 1, m: { pr: 40 } }, 'backlog')).toEqual([])
    expect(take(latest, { e: 'old', s: 901, t: T, m: { pr: 40 } }, 'backlog')).toEqual([])
  })

  it('comes from the backlog where nothing newer is known', () => {
    const latest = createLatestValues()
    take(latest, { s: 1, t: T, m: { pr: 70 } }, 'backlog')
    take(latest, { s: 2, t: T + 1_000, m: { pr: 71 } }, 'backlog')
    expect(latest.one('pr', 0)?.v).toBe(71)
  })

  it('turns into an absence with its reason, and remembers what it was', () => {
    const latest = createLatestValues()
    take(latest, { s: 1, t: T, m: { spo2: 97 } })
    take(latest, { s: 2, t: T + 1_000, x: { spo2: 'off' } })
    take(latest, { s: 3, t: T + 2_000, x: { spo2: 'warmup' } })
    expect(latest.one('spo2', 0)).toEqual({ v: null, t: T + 2_000, x: 'warmup', was: { v: 97, t: T } })
  })

  it('shows an implausible number as an absence, never as a value', () => {
    const latest = createLatestValues()
    take(latest, { m: { spo2: 65_535, pr: -1 } })
    expect(latest.since(0)).toEqual({ spo2: { v: null, t: T, x: 'implausible' }, pr: { v: null, t: T, x: 'implausible' } })
  })

  it('is not shown when it was measured before this stay, nor is the one that was there then', () => {
    const latest = createLatestValues()
    take(latest, { s: 1, t: T, m: { spo2: 97, pr: 72 } })
    take(latest, { s: 2, t: T + 5_000, x: { spo2: 'off' } })
    expect(latest.since(T + 1_000)).toEqual({ spo2: { v: null, t: T + 5_000, x: 'off' } })
  })

  it('is, whatever the order of arrival of the backlog, the one measured last', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 20 }, (_, i) => i + 1), { minLength: 1 }), (numbers) => {
        const latest = createLatestValues()
        for (const s of numbers) take(latest, { s, t: T + s * 1_000, m: { pr: 50 + s } }, 'backlog')
        expect(latest.one('pr', 0)?.v).toBe(50 + Math.max(...numbers))
      }),
      { seed: 7 },
    )
  })
})
