import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/accuracy/artefacts.ts'
import { createBreathCount } from '../../src/signals/breathing/breath-count.ts'
import { createPleth } from '../../src/signals/pulse/pleth.ts'
import { beatShape } from './synthetic-pulse.ts'

/** A pulse whose height, baseline and rhythm breathing bends. */
function breathingFinger(breaths: number | ((t: number) => number), seconds: number): number[] {
  const random = createRandom(9)
  let phase = 0
  let breathed = 0
  return Array.from({ length: seconds * 25 }, (_, i) => {
    const rate = typeof breaths === 'number' ? breaths : breaths(i / 25)
    const breath = rate === 0 ? 0 : Math.sin(2 * Math.PI * breathed)
    breathed += rate / 60 / 25
    phase = (phase + (75 + 4 * breath) / 60 / 25) % 1
    return 80_000 * (1 - 0.01 * ((1 + 0.15 * breath) * beatShape(phase) + 0.15 * breath + 0.02 * random.normal()))
  })
}

const lastOf = (counts: readonly number[]) => {
  const pleth = createPleth({ hz: 25 })
  return counts.flatMap((x, i) => {
    pleth.push(x)
    return (i + 1) % 25 === 0 ? [pleth.update().rrppg] : []
  })
}

describe('breathing read from the pulse', () => {
  it.each([8, 12, 16, 22, 28])('is right at %d breaths a minute', (breaths) => {
    const last = lastOf(breathingFinger(breaths, 90)).at(-1)
    expect(Math.abs((last?.value ?? 0) - breaths)).toBeLessThan(1)
    expect(last?.sq).toBeGreaterThan(50)
  })

  it('waits until it has seen enough beats', () => {
    const seconds = lastOf(breathingFinger(15, 60))
    expect(seconds[20]?.absent).toBe('warmup')
    expect(seconds[40]?.value).toBeDefined()
  })

  it('is made of the last twenty seconds alone, however long there was no answer before', () => {
    const seconds = lastOf(breathingFinger((t) => (t < 90 ? 10 : t < 190 ? 0 : 26), 300))
    expect(seconds[85]?.value).toBeCloseTo(10, 0)
    expect(seconds.slice(150, 190).every(({ value }) => value === undefined)).toBe(true)
    const first = seconds.slice(190).find(({ value }) => value !== undefined)
    expect(first?.value).toBeGreaterThan(20)
    expect(seconds.at(-1)?.value).toBeCloseTo(26, 0)
  })

  it('is not told when the pulse was lost for long', () => {
    const counts = breathingFinger(15, 90)
    const random = createRandom(5)
    const lost = counts.map((x, i) => (i > 60 * 25 && i < 80 * 25 ? x + 20_000 * random.normal() : x))
    expect(lastOf(lost)[79]?.absent).toBe('no-lock')
  })
})

describe('a pulse that no breath bends', () => {
  const still = ({ perMinute, noise, hz }: { perMinute: number; noise: number; hz: number }): number[] => {
    const random = createRandom(9)
    return Array.from({ length: 90 * hz }, (_, i) => Math.round(80_000 * (1 - 0.01 * (beatShape(((perMinute * i) / 60 / hz) % 1) + noise * random.normal()))))
  }

  it.each([
    { perMinute: 75, noise: 0, hz: 25 },
    { perMinute: 72.3, noise: 0, hz: 100 },
    { perMinute: 63, noise: 0.005, hz: 50 },
    { perMinute: 90, noise: 0.01, hz: 50 },
  ])('has no breathing to tell, however evenly its rounding repeats: $perMinute /min, noise $noise, $hz Hz', (pulse) => {
    const pleth = createPleth({ hz: pulse.hz })
    const told = still(pulse).flatMap((x, i) => {
      pleth.push(x)
      return (i + 1) % pulse.hz === 0 ? [pleth.update()] : []
    })
    expect(told.at(-1)?.pr?.value).toBeCloseTo(pulse.perMinute, 0)
    expect(told.filter(({ rrppg }) => rrppg?.value !== undefined)).toEqual([])
    expect(told.at(-1)?.rrppg?.absent).toBe('no-lock')
  })

  it.each([0.1, 0.35, 0.5, 0.8])('has none in its first minute either: how the filters begin, the finger put on at %d of a beat, is no breath', (phase) => {
    const pleth = createPleth({ hz: 25 })
    const told = Array.from({ length: 60 * 25 }, (_, i) => {
      pleth.push(Math.round(80_000 * (1 - 0.01 * beatShape((phase + (48 * i) / 60 / 25) % 1))))
      return (i + 1) % 25 === 0 ? pleth.update().rrppg.value : undefined
    })
    expect(told.filter((value) => value !== undefined)).toEqual([])
  })
})

describe('counting breaths in a slow wave', () => {
  const count = createBreathCount({ hz: 4, maxLength: 129 })
  const wave = (of: (t: number) => number): Float64Array => Float64Array.from({ length: 128 }, (_, i) => of(i / 4))

  it('counts the breath, not the notch in it', () => {
    const notched = wave((t) => Math.sin(2 * Math.PI * 0.2 * t) + 0.35 * Math.sin(2 * Math.PI * 0.6 * t + 1))
    expect(count.count(notched)?.perMinute).toBeCloseTo(12, 0)
  })

  it('counts the breath on top of a larger drift of the vessels', () => {
    expect(count.count(wave((t) => Math.sin(2 * Math.PI * 0.25 * t) + 3 * Math.sin(2 * Math.PI * 0.03 * t)))?.perMinute).toBeCloseTo(15, 0)
  })

  it('trusts an even breath more than a torn one', () => {
    const even = count.count(wave((t) => Math.sin(2 * Math.PI * 0.25 * t)))
    const torn = count.count(wave((t) => Math.sin(2 * Math.PI * 0.25 * t) * (Math.floor(t / 6) % 2)))
    expect(even?.weight).toBeGreaterThan(2 * (torn?.weight ?? 0))
  })

  it('counts nothing in a flat line', () => expect(count.count(new Float64Array(128))).toBeUndefined())
})
