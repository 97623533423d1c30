import { describe, expect, it } from 'vitest'
import { CMH2O_PER_HPA, followBreathing, type SyntheticPressure, ventilated, waving } from './synthetic-breath.ts'

// The signals on which an early single-barometer detector was measured to fail: breaths it never saw, rates it made up.
const HZ = 25
const SECONDS = 120
const rates = [6, 10, 12, 15, 20, 30, 40]
const phases = [0, 0.35, 0.6, 0.9]

/** Every breath after the first seconds is found, none is made up, and the rate is right from half a minute on. */
function expectEveryBreath({ pressure, onsets }: SyntheticPressure, rate: number): void {
  const seconds = followBreathing(pressure, { hz: HZ })
  const found = seconds.flatMap((s) => s.onsets)
  const due = onsets.filter((t) => t > 5 && t < SECONDS - 2)
  const tolerance = 15 / rate + 0.15
  const seen = due.filter((t) => found.some((f) => Math.abs(f - t) < tolerance))
  expect(seen.length / due.length).toBeGreaterThanOrEqual(0.98)
  expect(found.length).toBeLessThanOrEqual(onsets.length + 1)
  for (const { rr, apnoea } of seconds.slice(35)) {
    expect(Math.abs((rr.value ?? Number.NaN) - rate)).toBeLessThan(1)
    expect(apnoea).toBe(false)
  }
}

describe('a machine that breathes for the patient', () => {
  for (const tau of [0.15, 0.3, 0.5, 0.8]) {
    it.each(rates)(`is counted at %d a minute through a lung of ${tau} s, whenever the sensor is switched on`, (rate) => {
      for (const phase of phases) expectEveryBreath(ventilated({ hz: HZ, seconds: SECONDS, rate, tau, phase, seed: rate }), rate)
    })
  }
})

describe('a patient who breathes', () => {
  for (const heightHpa of [0.6, 1, 2, 5, 10]) {
    it.each(rates)(`is counted at %d a minute with a swing of ${heightHpa} hPa, whenever the sensor is switched on`, (rate) => {
      for (const phase of phases) expectEveryBreath(waving({ hz: HZ, seconds: SECONDS, rate, heightHpa, phase, seed: rate }), rate)
    })
  }

  it.each(rates)('is counted at %d a minute with an effort so weak that it swings by half a hectopascal', (rate) => {
    for (const phase of phases) {
      const { pressure } = waving({ hz: HZ, seconds: SECONDS, rate, heightHpa: 0.5, phase, seed: rate })
      for (const { rr } of followBreathing(pressure, { hz: HZ }).slice(35)) expect(Math.abs((rr.value ?? Number.NaN) - rate)).toBeLessThan(1)
    }
  })

  it('is counted while the weather changes by a hectopascal an hour, over an hour', () => {
    const { pressure } = waving({ hz: HZ, seconds: 3_600, rate: 14, heightHpa: 1 })
    const drifting = pressure.map((p, i) => p + (CMH2O_PER_HPA * i) / HZ / 3_600)
    const seconds = followBreathing(drifting, { hz: HZ })
    expect(seconds.slice(35).every(({ rr }) => Math.abs((rr.value ?? Number.NaN) - 14) < 0.5)).toBe(true)
  })
})

describe('a patient who stops breathing', () => {
  it.each([6, 8, 15, 30, 40])('at %d a minute is in apnoea 20 s after the last breath began, give or take one, in whatever phase, and no rate is told for ever after', (rate) => {
    for (const phase of [0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9]) {
      const stopS = 58 + 2 * phase
      const { pressure } = ventilated({ hz: HZ, seconds: 300, rate, phase })
      const stop = stopS * HZ
      const still = pressure.map((p, i) => (i < stop ? p : 5 + ((pressure[stop - 1] as number) - 5) * Math.exp(-(i - stop) / HZ / 0.3) + (p % 0.02)))
      const seconds = followBreathing(still, { hz: HZ })
      const last = seconds.flatMap((s) => s.onsets).at(-1) as number
      const first = seconds.findIndex(({ apnoea }) => apnoea) + 1
      expect(first - last).toBeGreaterThanOrEqual(19)
      expect(first - last).toBeLessThanOrEqual(21)
      expect(seconds.slice(first - 1).every(({ apnoea, rr }) => apnoea && rr.value === 0)).toBe(true)
      expect(seconds[first - 2]?.rr.value).toBeGreaterThan(0)
    }
  })

  it('and starts again is counted again from the second new breath on', () => {
    const { pressure } = ventilated({ hz: HZ, seconds: 200, rate: 15 })
    const paused = pressure.map((p, i) => (i > 60 * HZ && i < 100 * HZ ? 5 : p))
    const seconds = followBreathing(paused, { hz: HZ })
    expect(seconds[90]?.apnoea).toBe(true)
    expect(seconds[112]?.apnoea).toBe(false)
    expect(Math.abs((seconds[140]?.rr.value ?? 0) - 15)).toBeLessThan(1)
  })

  it('is not said of somebody who was never seen to breathe', () => {
    const seconds = followBreathing(Array.from({ length: 60 * HZ }, () => 5), { hz: HZ })
    expect(seconds.some(({ apnoea }) => apnoea)).toBe(false)
    expect(seconds.at(-1)?.rr.absent).toBe('no-lock')
  })
})

describe('a mask that is taken off', () => {
  const { pressure } = ventilated({ hz: HZ, seconds: 180, rate: 15 })
  const taken = pressure.map((p, i) => (i > 60 * HZ && i < 120 * HZ ? (p % 0.02) - 0.01 : p))
  const seconds = followBreathing(taken, { hz: HZ })

  it('is said within five seconds, as that and not as apnoea', () => {
    expect(seconds[65]).toMatchObject({ rr: { absent: 'off' }, peep: { absent: 'off' }, pip: { absent: 'off' }, paw: { absent: 'off' }, apnoea: false })
    expect(seconds.slice(65, 119).every(({ rr, apnoea }) => rr.absent === 'off' && !apnoea)).toBe(true)
  })

  it('is forgotten when it is back: rate and pressures are those of the new breaths', () => {
    expect(Math.abs((seconds[150]?.rr.value ?? 0) - 15)).toBeLessThan(1)
    expect(seconds[150]?.peep.value).toBeCloseTo(5, 0)
  })
})
