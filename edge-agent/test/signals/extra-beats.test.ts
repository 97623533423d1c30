import { describe, expect, it } from 'vitest'
import { fingerRecordings } from '../../src/accuracy/finger-recordings.ts'
import type { Estimate } from '../../src/signals/maths/estimate.ts'
import { riseInterval, secondPulse } from '../../src/signals/pulse/hidden-pulses.ts'
import { createPleth } from '../../src/signals/pulse/pleth.ts'
import { beatShape, ectopicPulse, fibrillatingBeats, pulseOfBeats, syntheticPulse } from './synthetic-pulse.ts'

const SECONDS = 60
const SETTLED_S = 12

/** The pulse rate of each second once it could be known. */
function told(counts: readonly number[], hz: number): (Estimate & { readonly t: number })[] {
  const pleth = createPleth({ hz, breathing: false })
  const seconds: (Estimate & { readonly t: number })[] = []
  counts.forEach((x, i) => {
    pleth.push(x)
    if ((i + 1) % hz !== 0) return
    const { pr } = pleth.update()
    if (i > SETTLED_S * hz) seconds.push({ ...pr, t: (i + 1) / hz })
  })
  return seconds
}

/** Rates that carry no reservation. */
const sure = (seconds: readonly Estimate[]): number[] => seconds.flatMap(({ value, question }) => (value !== undefined && question === undefined ? [value] : []))

const rates = [45, 60, 72, 90, 105, 120]

// Half a heart rate, shown as good, hides a tachycardia and feigns a bradycardia.
describe('with extra beats the pulse rate is right, or questionable, or not told', () => {
  it.each([4, 5, 6].flatMap((every) => [25, 50].flatMap((hz) => [1, 1.3, 1.6].map((following) => ({ every, hz, following })))))('one beat of $every early, the next $following times as large, $hz Hz', ({ every, hz, following }) => {
    for (const rate of rates) {
      for (const value of sure(told(ectopicPulse({ hz, seconds: SECONDS, rate, every, following }), hz))) {
        expect(value / rate).toBeGreaterThan(0.87)
        expect(value / rate).toBeLessThan(1.06)
      }
    }
  })

  it.each([2, 3])('one of %d early, as long as its pulse reaches the finger', (every) => {
    for (const rate of rates) expect(sure(told(ectopicPulse({ hz: 25, seconds: SECONDS, rate, every, following: 1 }), 25))).toEqual([])
  })

  it('when beats are strong and weak by turns', () => {
    for (const rate of [60, 80, 100, 120, 150]) {
      for (const weak of [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) {
        const beats = Array.from({ length: SECONDS * (rate / 60) }, (_, n) => ({ atS: (n * 60) / rate, height: n % 2 === 0 ? 1 : weak }))
        const known = sure(told(pulseOfBeats(beats, { hz: 25, seconds: SECONDS, lengthS: 60 / rate }), 25))
        for (const value of known) expect(Math.abs(value - rate)).toBeLessThan(2)
        if (weak > 0.6) expect(known.length).toBeGreaterThan(0.9 * (SECONDS - SETTLED_S))
      }
    }
  })
})

describe('the irregular pulse of atrial fibrillation', () => {
  const followed = (spread: number) =>
    [70, 90, 110, 130].flatMap((rate) =>
      [1, 2, 3, 4, 5].flatMap((seed) => {
        const beats = fibrillatingBeats({ rate, spread, seconds: 2 * SECONDS, seed })
        const seconds = told(pulseOfBeats(beats, { hz: 25, seconds: 2 * SECONDS, lengthS: Math.min(0.8, 60 / rate) }), 25)
        return seconds.map(({ t, ...estimate }) => {
          const inWindow = beats.filter(({ atS }) => atS > t - 10 && atS <= t).map(({ atS }) => atS)
          const truth = (60 * (inWindow.length - 1)) / ((inWindow.at(-1) as number) - (inWindow[0] as number))
          return { ...estimate, off: (estimate.value ?? Number.NaN) / truth - 1 }
        })
      }),
    )

  it('is counted to within 12 % where it is told without reservation, and mostly not told so when it is very uneven', () => {
    const even = followed(0.17).filter(({ value, question }) => value !== undefined && question === undefined)
    expect(even.filter(({ off }) => Math.abs(off) > 0.12).length / even.length).toBeLessThan(0.01)
    const all = followed(0.25)
    const answered = all.filter(({ value, question }) => value !== undefined && question === undefined)
    expect(answered.length / all.length).toBeLessThan(0.5)
    expect(answered.filter(({ off }) => Math.abs(off) > 0.12).length / answered.length).toBeLessThan(0.08)
    // Never half, never double.
    for (const { off } of answered) expect(Math.abs(off)).toBeLessThan(0.3)
  })
})

describe('what is no extra beat', () => {
  it.each([40, 45, 50, 55, 60, 72])('is the wave after the incisura, however large: %d a minute', (rate) => {
    const known = sure(told(syntheticPulse({ hz: 25, seconds: SECONDS, rate, noise: 0.02, sway: 0.3 }).counts, 25))
    expect(known.length).toBeGreaterThan(0.9 * (SECONDS - SETTLED_S))
    for (const value of known) expect(Math.abs(value - rate)).toBeLessThan(2)
  })

  it('is anything that six people\'s fingers do: hardly a value of theirs is doubted', () => {
    const values = fingerRecordings().flatMap(({ light, hz }) => told(light, hz).filter(({ value }) => value !== undefined))
    expect(values.length).toBeGreaterThan(5_000)
    expect(values.filter(({ question }) => question !== undefined).length / values.length).toBeLessThan(0.002)
  })
})

describe('a second pulse inside a beat', () => {
  const HZ = 25
  const scratch = new Float64Array(200)
  const systoles = Array.from({ length: 8 }, (_, n) => n * 25 + 5.5)
  const wave = (second: number, at: number) => Float64Array.from({ length: 250 }, (_, i) => beatShape((i / HZ) % 1) + second * Math.exp(-0.5 * ((((i / HZ) % 1) - at) / 0.05) ** 2))

  it('is as high and as late as it is', () => {
    const { height, after } = secondPulse(wave(0.6, 0.8), systoles, 25, scratch)
    expect(height).toBeGreaterThan(0.5)
    expect(after).toBeCloseTo(14, -0.5)
  })

  it('is not there where each beat is one pulse, nor without beats', () => {
    expect(secondPulse(Float64Array.from({ length: 250 }, (_, i) => Math.sin((2 * Math.PI * i) / 25)), systoles, 25, scratch)).toEqual({ height: 0, after: 0 })
    expect(secondPulse(wave(0.6, 0.8), [], 25, scratch).height).toBe(0)
    expect(secondPulse(wave(0.6, 0.8), [240], 25, scratch).height).toBe(0)
  })
})

describe('the rises of a wave', () => {
  const wave = Float64Array.from({ length: 200 }, (_, i) => Math.sin((2 * Math.PI * i) / 20) + 0.6 * Math.sin((2 * Math.PI * i) / 5))

  it('are counted when they are high enough', () => {
    expect(riseInterval(wave, 1)).toBeCloseTo(20)
    expect(riseInterval(wave, 0.1)).toBeLessThan(15)
    expect(riseInterval(wave, 5)).toBeUndefined()
    expect(riseInterval(new Float64Array(0), 1)).toBeUndefined()
  })
})
