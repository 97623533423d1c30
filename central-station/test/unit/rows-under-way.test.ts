import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowsUnderWay } from '../../src/history/rows-under-way.ts'

interface Sample {
  readonly t: number
  readonly pr: number | undefined
  readonly temp: number | undefined
  readonly remark: number | undefined
}

const sample = fc.record({ t: fc.integer({ min: 0, max: 400 }), pr: fc.option(fc.integer({ min: 40, max: 200 }), { nil: undefined }), temp: fc.option(fc.integer({ min: 30, max: 42 }), { nil: undefined }), remark: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) })
const part = fc.array(sample, { maxLength: 30 }).map((rows): Sample[] => rows.toSorted((a, b) => a.t - b.t))

function add(rows: RowsUnderWay, samples: readonly Sample[], cut?: readonly [number, number]): void {
  const fill = (name: 'pr' | 'temp', into: () => Float64Array) => {
    // A part holds a signal only when one of its samples does.
    if (samples.some((row) => row[name] !== undefined)) into().set(samples.map((row) => row[name] ?? Number.NaN))
  }
  rows.add(samples.length, (places) => {
    places.t.set(samples.map(({ t }) => t))
    places.number('seq').set(samples.map((_, i) => i))
    fill('pr', () => places.signal('pr'))
    fill('temp', () => places.signal('temp'))
    if (samples.some(({ remark }) => remark !== undefined)) places.remark(samples.map(({ remark }) => (remark === undefined ? undefined : Uint8Array.of(1, remark))))
  }, cut)
}

describe('samples put together from closed hours and open ones', () => {
  it('are those of all parts, each cut to its times, in order, with every value and remark beside its own time', () => {
    fc.assert(fc.property(fc.array(part, { maxLength: 5 }), part, fc.integer({ min: 0, max: 200 }), fc.integer({ min: 150, max: 400 }), (closed, open, fromMs, toMs) => {
      const rows = new RowsUnderWay([...closed, open].reduce((sum, { length }) => sum + length, 0), ['seq'])
      for (const samples of closed) add(rows, samples, [fromMs, toMs])
      add(rows, open)
      const kept = [...closed.map((samples) => samples.map((row, seq) => ({ ...row, seq })).filter(({ t }) => t >= fromMs && t < toMs)), open.map((row, seq) => ({ ...row, seq }))]
      const expected = kept.flat().toSorted((a, b) => a.t - b.t)
      const { t, numbers, signals, quality } = rows.rows()
      const seen = Array.from(t, (at, i) => ({ t: at, pr: orUndefined(signals.get('pr')?.[i]), temp: orUndefined(signals.get('temp')?.[i]), remark: quality[i]?.[1], seq: numbers.get('seq')?.[i] }))
      expect(seen).toEqual(expected)
      expect([0, expected.length]).toContain(quality.length)
    }), { seed: 2026, numRuns: 300 })
  })
})

function orUndefined(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value
}
