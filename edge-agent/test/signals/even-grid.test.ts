import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvenGrid } from '../../src/signals/maths/even-grid.ts'
import { createMaskStream } from '../../src/signals/breathing/mask-stream.ts'

const collect = (hz = 25) => {
  const out: { value: number; atMs: number; restarts: boolean }[] = []
  return { out, grid: createEvenGrid({ hz, sample: (value, atMs, restarts) => out.push({ value, atMs, restarts }) }) }
}

describe('a pressure sensor read by a busy board', () => {
  it('keeps its rhythm when readings come early, late or not at all for a moment', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 480 }), { minLength: 2, maxLength: 60 }), (pauses) => {
        const { out, grid } = collect()
        let at = 1_000
        for (const pause of pauses) grid.push((at += pause), at / 10)
        expect(out.filter((s) => s.restarts)).toHaveLength(1)
        out.forEach(({ atMs }, i) => expect(atMs).toBeCloseTo((out[0]?.atMs ?? 0) + 40 * i, 6))
        for (const { value, atMs } of out) expect(value).toBeCloseTo(atMs / 10, 6)
      }),
      { seed: 7 },
    )
  })

  it('starts anew after half a second of silence, and when the clock steps back', () => {
    const { out, grid } = collect()
    for (const at of [0, 40, 80, 700, 740, 300]) grid.push(at, at)
    expect(out.filter((s) => s.restarts).map((s) => s.atMs)).toEqual([0, 700, 300])
  })

  it('still tells the breathing rate of a patient breathing 15 a minute', () => {
    const stream = createMaskStream({})
    const told: number[] = []
    let seed = 1
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    let dueMs = 0
    for (let second = 1; second <= 90; second += 1) {
      for (; dueMs < second * 1_000; dueMs += random() < 0.05 ? 250 : 30 + 25 * random()) {
        const breath = Math.sin((2 * Math.PI * dueMs) / 4_000)
        stream.pushAmbient({ hz: 25, t0Ms: dueMs, values: [101_300] })
        stream.pushMask({ hz: 25, t0Ms: dueMs, values: [101_300 + 600 + 150 * breath] })
      }
      const rr = stream.second()?.rr
      if (second > 40) told.push(rr?.value ?? Number.NaN)
    }
    expect(told.filter((rr) => Math.abs(rr - 15) < 0.5)).toHaveLength(told.length)
  })
})
