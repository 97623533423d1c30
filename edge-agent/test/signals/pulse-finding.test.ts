import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findPeriodicity } from '../../src/signals/maths/autocorrelation.ts'
import { describeBeats } from '../../src/signals/pulse/beat-series.ts'
import { beatLikeness } from '../../src/signals/pulse/beat-likeness.ts'
import { createBeatStream } from '../../src/signals/pulse/beat-stream.ts'
import { createPeakFinder } from '../../src/signals/maths/multiscale-peaks.ts'
import { createPulseAnalysis, type PulseWindow } from '../../src/signals/pulse/pulse-window.ts'
import { createSlidingWindow } from '../../src/signals/maths/sliding-window.ts'
import { correlation, deviation, mean, median, parabolaOffset, quantile } from '../../src/signals/maths/statistics.ts'
import { createRandom } from '../../src/accuracy/artefacts.ts'
import { beatShape } from './synthetic-pulse.ts'

const HZ = 25
const wave = (perMinute: number, seconds = 10): Float64Array => {
  const raw = Float64Array.from({ length: seconds * HZ }, (_, i) => beatShape(((i * perMinute) / 60 / HZ) % 1))
  const m = mean(raw)
  return raw.map((v) => v - m)
}

describe('statistics', () => {
  it('agree with sums done by hand', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2)
    expect(median([5, 1, 3])).toBe(3)
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5)
    expect(median([])).toBeNaN()
    expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1)
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1)
    expect(correlation([1, 1, 1], [1, 2, 3])).toBe(0)
    expect(parabolaOffset(0.75, 1, 0.75)).toBeCloseTo(0)
    expect(parabolaOffset(-((1.2) ** 2), -(0.2 ** 2), -(0.8 ** 2))).toBeCloseTo(0.2)
    expect(parabolaOffset(1, 1, 1)).toBe(0)
  })
})

describe('the newest samples', () => {
  it('read as one unbroken piece whatever was pushed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.double({ noNaN: true }), { maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (capacity, pushed, asked) => {
        const window = createSlidingWindow(capacity)
        for (const x of pushed) window.push(x)
        expect([...window.view(asked)]).toEqual(pushed.slice(-Math.min(asked, capacity)))
        expect(window.count).toBe(pushed.length)
      }),
      { seed: 7 },
    )
  })
})

describe('rhythm by autocorrelation', () => {
  it.each([36, 50, 72, 90, 120, 180, 215])('finds %d beats a minute and neither half nor double', (perMinute) => {
    const found = findPeriodicity(wave(perMinute), (60 * HZ) / 220, (60 * HZ) / 35, new Float64Array(60))
    expect((60 * HZ) / (found?.lag ?? 0)).toBeCloseTo(perMinute, perMinute > 150 ? -1 : 0)
    expect(found?.strength).toBeGreaterThan(0.9)
  })

  it('finds none in a flat line', () => expect(findPeriodicity(new Float64Array(250), 7, 43, new Float64Array(60))).toBeUndefined())
})

describe('beats by their presence at many scales', () => {
  const finder = createPeakFinder({ maxLength: 250, maxScale: 22 })

  it.each([40, 60, 75, 110, 160])('finds every systole at %d a minute and no dicrotic wave', (perMinute) => {
    const peaks = finder.find(wave(perMinute)).maxima
    const expected = Math.round((10 * perMinute) / 60)
    expect(Math.abs(peaks.length - expected)).toBeLessThanOrEqual(1)
    expect((60 * HZ) / (describeBeats(peaks).interval ?? 0)).toBeCloseTo(perMinute, -0.5)
  })

  it('does not depend on amplitude', () => {
    const y = wave(70)
    expect(finder.find(y.map((v) => v * 1e-6)).maxima).toEqual(finder.find(y).maxima)
    expect(finder.find(y.map((v) => -v)).minima).toEqual(finder.find(y).maxima)
  })
})

describe('a run of beats', () => {
  it('leaves a missed beat out of the interval but not out of the whole', () => {
    const series = describeBeats([0, 20, 40, 80, 100, 120])
    expect(series.interval).toBe(20)
    expect(series.wholeInterval).toBe(24)
    expect(series.irregularity).toBeGreaterThan(0.3)
  })

  it('says nothing of two beats', () => expect(describeBeats([0, 20])).toMatchObject({ interval: undefined, irregularity: Number.POSITIVE_INFINITY }))

  it('is alike when the beats are, and not when they are noise', () => {
    const y = wave(70)
    const finder = createPeakFinder({ maxLength: 250, maxScale: 22 })
    expect(beatLikeness(y, finder.find(y).maxima, new Float64Array(400))).toBeGreaterThan(0.98)
    const random = createRandom(3)
    const ofNoise = Array.from({ length: 50 }, () => {
      const noise = y.map(() => random.normal())
      return beatLikeness(noise, finder.find(noise).maxima, new Float64Array(400))
    })
    expect(mean(ofNoise)).toBeLessThan(0.7)
    expect(beatLikeness(y, [20, 40], new Float64Array(400))).toBe(0)
  })
})

describe('beats of overlapping windows', () => {
  const analyse = createPulseAnalysis({ hz: HZ, maxLength: 250 })

  it('become one list, each beat once', () => {
    const long = wave(72, 40)
    const stream = createBeatStream()
    const beats: number[] = []
    for (let end = 250; end <= long.length; end += HZ) {
      const window: PulseWindow = analyse(long.subarray(end - 250, end))
      beats.push(...stream.take(window, end - 250, HZ))
    }
    expect(beats.length).toBe(47)
    expect(beats.every((b, i) => i === 0 || Math.abs(b - (beats[i - 1] as number) - (60 * HZ) / 72) < 1)).toBe(true)
  })
})
