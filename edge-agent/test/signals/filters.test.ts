import { describe, expect, it } from 'vitest'
import { bandPass, createCascade, highPass, lowPass, type Section } from '../../src/signals/maths/biquad.ts'
import { createResampler } from '../../src/signals/maths/resampler.ts'
import { cosine, sine, tangent } from '../../src/signals/maths/trigonometry.ts'

/** Height of a tone of 1 after the filter has settled. */
function gainAt(sections: readonly Section[], toneHz: number, hz: number): number {
  const filter = createCascade(sections)
  let highest = 0
  for (let i = 0; i < 60 * hz; i += 1) {
    const y = filter.step(Math.sin((2 * Math.PI * toneHz * i) / hz))
    if (i > 50 * hz) highest = Math.max(highest, Math.abs(y))
  }
  return highest
}

function resample(x: readonly number[], fromHz: number, toHz: number): number[] {
  const out: number[] = []
  const resampler = createResampler({ fromHz, toHz })
  for (const v of x) resampler.push(v, (y) => out.push(y))
  return out
}

const tone = (toneHz: number, hz: number, seconds: number): number[] => Array.from({ length: Math.round(hz * seconds) }, (_, i) => Math.sin((2 * Math.PI * toneHz * i) / hz))

describe('the filters are Butterworth filters', () => {
  it.each([2, 4] as const)('order %d is 3 dB down at its corner, flat inside, steep outside', (order) => {
    expect(gainAt(lowPass(4, 25, order), 4, 25)).toBeCloseTo(Math.SQRT1_2, 2)
    expect(gainAt(lowPass(4, 25, order), 0.5, 25)).toBeGreaterThan(0.99)
    expect(gainAt(lowPass(4, 25, order), 10, 25)).toBeLessThan(order === 2 ? 0.06 : 0.004)
    expect(gainAt(highPass(0.5, 25, order), 0.5, 25)).toBeCloseTo(Math.SQRT1_2, 2)
    expect(gainAt(highPass(0.5, 25, order), 4.3, 25)).toBeGreaterThan(0.99)
    expect(gainAt(highPass(0.5, 25, order), 0.1, 25)).toBeLessThan(order === 2 ? 0.05 : 0.003)
  })

  it('a pulse passes, the drift below and the flicker above do not', () => {
    const band = bandPass(0.5, 5, 100)
    expect(gainAt(band, 1.5, 100)).toBeGreaterThan(0.97)
    expect(gainAt(band, 0.05, 100)).toBeLessThan(0.02)
    expect(gainAt(band, 50, 100)).toBeLessThan(0.001)
  })

  it('a light that was always on makes no transient when the filter starts', () => {
    const filter = createCascade(bandPass(0.5, 5, 25))
    filter.settle(80_000)
    for (let i = 0; i < 100; i += 1) expect(Math.abs(filter.step(80_000))).toBeLessThan(1e-6)
  })

  it('designs come from series of our own, exact to the last digits', () => {
    for (let x = 0.01; x < 6.2; x += 0.137) {
      expect(sine(x)).toBeCloseTo(Math.sin(x), 14)
      expect(cosine(x)).toBeCloseTo(Math.cos(x), 14)
    }
    expect(tangent(0.7)).toBeCloseTo(Math.tan(0.7), 14)
  })
})

describe('every sampling rate becomes the working rate', () => {
  it.each([25, 30, 29.97, 50, 100, 125, 200, 400])('%d Hz: a pulse keeps its height and its time', (hz) => {
    const out = resample(tone(1.5, hz, 20), hz, 25)
    expect(out.length).toBeGreaterThan(25 * 19)
    out.forEach((y, i) => {
      if (i > 25 && i < 25 * 19) expect(Math.abs(y - Math.sin((2 * Math.PI * 1.5 * i) / 25))).toBeLessThan(0.02)
    })
  })

  it.each([[50, 24], [100, 23.5], [100, 48], [400, 26], [400, 50], [125, 60]])('%d Hz: a flicker at %d Hz does not fold into the pulse', (hz, flickerHz) => {
    const heights = resample(tone(flickerHz, hz, 10), hz, 25).slice(25, 200).map(Math.abs)
    expect(Math.max(...heights)).toBeLessThan(0.02)
  })

  it('steady light stays exactly as bright', () => {
    for (const y of resample(Array.from({ length: 300 }, () => 81_234), 30, 25)) expect(y).toBeCloseTo(81_234, 6)
  })

  it('equal rates pass through untouched and at once', () => {
    const resampler = createResampler({ fromHz: 25, toHz: 25 })
    expect(resampler.delayS).toBe(0)
    expect(resample([1, 5, -3], 25, 25)).toEqual([1, 5, -3])
  })

  it('starts again after a reset without remembering the light before it', () => {
    const resampler = createResampler({ fromHz: 50, toHz: 25 })
    const out: number[] = []
    for (let i = 0; i < 100; i += 1) resampler.push(1_000, () => undefined)
    resampler.reset()
    for (let i = 0; i < 100; i += 1) resampler.push(5, (y) => out.push(y))
    expect(out.every((y) => Math.abs(y - 5) < 1e-9)).toBe(true)
  })
})
