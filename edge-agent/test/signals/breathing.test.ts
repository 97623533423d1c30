import { describe, expect, it } from 'vitest'
import type { Breath } from '../../src/signals/breathing/breath.ts'
import { createBreathingRate } from '../../src/signals/breathing/breathing-rate.ts'
import { createBreathing } from '../../src/signals/breathing/breathing.ts'
import { median } from '../../src/signals/maths/statistics.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { followBreathing, ventilated, waving } from './synthetic-breath.ts'

const completeBreaths = (pressure: readonly number[], hz: number, polarity: 'rise' | 'dip' = 'rise'): Breath[] =>
  followBreathing(pressure, { hz, polarity }).flatMap((s) => s.breaths)

describe('each breath of a machine', () => {
  it.each([25, 50, 100, 400])('sampled at %d Hz has its times and pressures', (hz) => {
    const { pressure } = ventilated({ hz, seconds: 60, rate: 15, peep: 5, pip: 20, tau: 0.1 })
    const breaths = completeBreaths(pressure, hz)
    expect(breaths.length).toBeGreaterThan(11)
    for (const { ti, te, pip, peep, deltaP } of breaths) {
      expect(ti).toBeGreaterThan(1.2)
      expect(ti).toBeLessThan(1.55)
      expect(ti + te).toBeCloseTo(4, 0)
      expect(pip).toBeCloseTo(20, 0)
      expect(peep).toBeCloseTo(5, 0)
      expect(deltaP).toBeCloseTo(15, 0)
    }
  })

  it('is shown as the last complete breath, and its pressures go when the breathing stops', () => {
    const { pressure } = ventilated({ hz: 25, seconds: 120, rate: 12, peep: 8, pip: 18 })
    const seconds = followBreathing(pressure.map((p, i) => (i > 60 * 25 ? 8 : p)), { hz: 25 })
    expect(seconds[50]?.peep.value).toBeCloseTo(8, 0)
    expect(seconds[50]?.pip.value).toBeCloseTo(18, 0)
    expect(seconds[100]).toMatchObject({ peep: { absent: 'no-lock' }, pip: { absent: 'no-lock' }, apnoea: true })
    expect(seconds[100]?.paw.value).toBeCloseTo(8, 1)
  })

  it('counts when it is small beside the one before', () => {
    const breath = (height: number): number[] => Array.from({ length: 75 }, (_, i) => 5 + (i < 25 ? height : 0))
    const seconds = followBreathing([20, 3, 20, 20, 3, 3, 20, 20].flatMap(breath), { hz: 25 })
    expect(seconds.flatMap((s) => s.onsets).length).toBe(7)
  })

  it('is not counted twice for the rebound after it', () => {
    const one = Array.from({ length: 100 }, (_, i) => (i < 30 ? 25 : i < 33 ? 4 : i < 40 ? 9 : 5))
    expect(followBreathing([...Array.from({ length: 75 }, () => 5), ...Array.from({ length: 10 }, () => one).flat()], { hz: 25 }).flatMap((s) => s.onsets).length).toBe(10)
  })
})

describe('breathing against a mask', () => {
  it('is the same rate whichever way it is looked at; inspiration is the dip', () => {
    const { pressure } = waving({ hz: 25, seconds: 90, rate: 16, heightHpa: 3 })
    const rate = (polarity: 'rise' | 'dip'): number => followBreathing(pressure, { hz: 25, polarity }).at(-1)?.rr.value ?? 0
    expect(rate('rise')).toBeCloseTo(16, 0)
    expect(rate('dip')).toBeCloseTo(16, 0)
  })

  it('reads the end of expiration before the dip', () => {
    const one = Array.from({ length: 100 }, (_, i) => (i < 35 ? 4 : i < 60 ? 8 : 6))
    const breaths = completeBreaths(Array.from({ length: 12 }, () => one).flat(), 25, 'dip')
    expect(breaths.length).toBeGreaterThan(8)
    for (const { peep, pip, deltaP, ti } of breaths) {
      expect(peep).toBeCloseTo(6, 0)
      expect(pip).toBeCloseTo(8, 0)
      expect(deltaP).toBeCloseTo(4, 0)
      expect(ti).toBeCloseTo(1.4, 0)
    }
  })

  it('finds the plateau of real masks, at the pressure their machine holds', () => {
    const recordings = openRecordings()
    for (const id of ['mask-01', 'mask-02', 'mask-03', 'mask-04', 'mask-05']) {
      const { cmH2O } = recordings.mask(id)
      const peeps = completeBreaths([...cmH2O.values], cmH2O.hz, 'dip').map((b) => b.peep)
      expect(median(peeps)).toBeGreaterThan(5.8)
      expect(median(peeps)).toBeLessThan(6.8)
    }
  })
})

describe('without the pressure of the room', () => {
  it('the rate is told and the levels are not', () => {
    const { pressure } = ventilated({ hz: 25, seconds: 60, rate: 20 })
    const last = followBreathing(pressure.map((p) => p + 1_033), { hz: 25, gauge: false }).at(-1)
    expect(last?.rr.value).toBeCloseTo(20, 0)
    expect(last).toMatchObject({ peep: { absent: 'no-ambient' }, pip: { absent: 'no-ambient' }, paw: { absent: 'no-ambient' } })
  })

  it('levels come back with the first breath that was measured against it', () => {
    const { pressure } = ventilated({ hz: 25, seconds: 60, rate: 20 })
    const breathing = createBreathing({ hz: 25, gauge: false })
    const peeps = pressure.flatMap((p, i) => {
      if (i === 30 * 25) breathing.setGauge(true)
      breathing.push(p)
      return (i + 1) % 25 === 0 ? [breathing.update().peep] : []
    })
    expect(peeps[29]?.absent).toBe('no-ambient')
    expect(peeps[30]?.value).toBeUndefined()
    expect(peeps[45]?.value).toBeCloseTo(5, 0)
  })
})

describe('the breathing rate', () => {
  it('needs three breaths, then follows the last half minute', () => {
    const rate = createBreathingRate()
    rate.add(1)
    rate.add(5)
    expect(rate.at(6)).toBeUndefined()
    rate.add(9)
    expect(rate.at(10)?.rate).toBeCloseTo(15)
    expect(rate.at(10)?.irregularity).toBe(0)
    for (const t of [11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39, 41]) rate.add(t)
    expect(rate.at(42)?.rate).toBeCloseTo(30)
    expect(rate.silence(50)).toBe(9)
  })
})
