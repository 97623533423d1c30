import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/accuracy/artefacts.ts'
import { createPleth, type PlethOptions } from '../../src/signals/pulse/pleth.ts'
import type { PulseEstimates } from '../../src/signals/pulse/pulse-measures.ts'
import { syntheticPulse } from './synthetic-pulse.ts'

/** What is known at the end of each second. */
function follow(counts: readonly number[], options: PlethOptions): PulseEstimates[] {
  const pleth = createPleth(options)
  const seconds: PulseEstimates[] = []
  counts.forEach((x, i) => {
    pleth.push(x)
    if (i + 1 >= (seconds.length + 1) * options.hz) seconds.push(pleth.update())
  })
  return seconds
}

const rates = (seconds: readonly PulseEstimates[]): (number | undefined)[] => seconds.map(({ pr }) => pr.value)
const known = (seconds: readonly PulseEstimates[]): number[] => rates(seconds).filter((v) => v !== undefined)

describe('the pulse rate', () => {
  it.each([40, 55, 72, 90, 120, 150, 180, 200])('is right at %d a minute, ten seconds after the finger was put on', (rate) => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 30, rate, noise: 0.05, sway: 0.3 })
    const seconds = follow(counts, { hz: 25 })
    expect(known(seconds.slice(10)).length).toBe(20)
    for (const value of known(seconds)) expect(Math.abs(value - rate)).toBeLessThan(2 + rate / 100)
  })

  it.each([25, 30, 50, 100, 125, 200, 400])('is the same from a sensor sampled at %d Hz', (hz) => {
    const { counts } = syntheticPulse({ hz, seconds: 20, rate: 77, noise: 0.05 })
    expect(known(follow(counts, { hz })).at(-1)).toBeCloseTo(77, 0)
  })

  it('does not depend on the scale of the sensor: camera means do as well as counts', () => {
    const { counts } = syntheticPulse({ hz: 30, seconds: 20, rate: 64, dc: 120.3, height: 0.02 })
    expect(known(follow(counts, { hz: 30 })).at(-1)).toBeCloseTo(64, 0)
  })

  it('is right from a wave in which systole is a rise', () => {
    const { counts } = syntheticPulse({ hz: 125, seconds: 20, rate: 91 })
    expect(known(follow(counts.map((x) => -x), { hz: 125, polarity: 'pulse' })).at(-1)).toBeCloseTo(91, 0)
  })

  it('follows a heart that speeds up, within ten seconds', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 90, rate: (t) => (t < 30 ? 60 : t < 60 ? 60 + (t - 30) : 90), noise: 0.03 })
    const seconds = follow(counts, { hz: 25 })
    expect(seconds[28]?.pr.value).toBeCloseTo(60, 0)
    expect(seconds[75]?.pr.value).toBeCloseTo(90, 0)
  })

  it('is also had from a heart that breathes with the patient', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 60, rate: (t) => 65 + 9 * Math.sin((2 * Math.PI * t) / 4.5), noise: 0.03 })
    const seconds = follow(counts, { hz: 25 }).slice(10)
    expect(known(seconds).length / seconds.length).toBeGreaterThan(0.9)
    for (const value of known(seconds)) expect(Math.abs(value - 65)).toBeLessThan(6)
  })

  it('comes with its quality, which noise lowers', () => {
    const quality = (noise: number): number => {
      const { counts } = syntheticPulse({ hz: 25, seconds: 25, rate: 70, noise })
      return follow(counts, { hz: 25 }).at(-1)?.pr.sq ?? 0
    }
    expect(quality(0)).toBeGreaterThan(90)
    expect(quality(0.25)).toBeLessThan(quality(0))
  })
})

describe('beats', () => {
  it('are told once each, in order, at the time of the wave', () => {
    const { counts, beats } = syntheticPulse({ hz: 100, seconds: 60, rate: 75 })
    const found = follow(counts, { hz: 100 }).flatMap((second) => second.beats)
    expect(found.every((t, i) => i === 0 || t > (found[i - 1] as number))).toBe(true)
    const delays = found.slice(2, -2).map((t) => Math.min(...beats.map((b) => Math.abs(t - b - 0.17))))
    expect(Math.max(...delays)).toBeLessThan(0.06)
    expect(Math.abs(found.length - beats.length)).toBeLessThanOrEqual(3)
  })
})

describe('no pulse rate is told', () => {
  it('in the first seconds', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 7, rate: 70 })
    expect(follow(counts, { hz: 25 }).map(({ pr }) => pr.absent)).toEqual(Array.from({ length: 7 }, () => 'warmup'))
  })

  it('of noise', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const random = createRandom(seed)
        const seconds = follow(Array.from({ length: 25 * 40 }, () => 50_000 + 300 * random.normal()), { hz: 25 })
        expect(known(seconds).length).toBeLessThanOrEqual(1)
      }),
      { seed: 11, numRuns: 25 },
    )
  })

  it('of a steady light', () => {
    const seconds = follow(Array.from({ length: 25 * 15 }, () => 50_000), { hz: 25 })
    expect(known(seconds)).toEqual([])
    expect(seconds.at(-1)?.pr.absent).toBe('no-lock')
    expect(seconds.at(-1)?.pi.absent).toBe('off')
  })

  it('while the hand moves, and never the one from before', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 60, rate: 70, noise: 0.02 })
    const random = createRandom(4)
    let walk = 0
    const moved = counts.map((x, i) => (i >= 25 * 30 && i < 25 * 38 ? x + (walk += 400 * random.normal()) : x))
    const seconds = follow(moved, { hz: 25 })
    expect(rates(seconds.slice(31, 45)).every((v) => v === undefined)).toBe(true)
    expect(seconds[34]?.pr.absent).toBe('motion')
    expect(seconds[59]?.pr.value).toBeCloseTo(70, 0)
  })

  it('of a hand that shakes in rhythm, until the rhythm has lasted longer than a shake does', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 70, rate: 70, noise: 0.02 })
    const shaken = counts.map((x, i) => (i >= 25 * 30 && i < 25 * 40 ? x + 4_000 * Math.sin((2 * Math.PI * 1.9 * i) / 25) : x))
    for (const value of known(follow(shaken, { hz: 25 }))) expect(Math.abs(value - 70)).toBeLessThan(3)
  })

  it('when the sensor is known and its light says there is no finger', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 20, rate: 70 })
    const seconds = follow([...counts, ...counts.map((x) => x / 30), ...counts], { hz: 25, fullScale: 262_143 })
    expect(seconds[19]?.pr.value).toBeCloseTo(70, 0)
    expect(seconds[22]).toMatchObject({ pr: { absent: 'off' }, pi: { absent: 'off' }, rrppg: { absent: 'off' }, beats: [] })
    expect(seconds[42]?.pr.absent).toBe('warmup')
    expect(seconds[59]?.pr.value).toBeCloseTo(70, 0)
  })

  it('when the light blinds the sensor', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 15, rate: 70, dc: 262_100 })
    expect(follow(counts.map((x) => Math.min(262_143, x * 1.01)), { hz: 25, fullScale: 262_143 }).at(-1)?.pr.absent).toBe('saturated')
  })
})

describe('one second of work', () => {
  it('takes at most 0.3 ms', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 120, rate: 70, noise: 0.05, sway: 0.3 })
    const pleth = createPleth({ hz: 25 })
    const spent: number[] = []
    counts.forEach((x, i) => {
      pleth.push(x, x * 0.8)
      if ((i + 1) % 25 !== 0) return
      const before = performance.now()
      pleth.update()
      spent.push(performance.now() - before)
    })
    // The machine may be busy with other things: its quiet moments tell what the work costs.
    const quiet = spent.slice(40).sort((a, b) => a - b)
    expect(quiet[Math.floor(quiet.length / 4)]).toBeLessThan(0.3)
  })
})
