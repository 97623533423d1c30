import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contiguousUpto, countRanges, normaliseRanges, rangesContain, rangesOf, subtractRanges, unionRanges, type Range } from '../src/ranges.ts'

const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 })
const spread = (ranges: readonly Range[]) => ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i))
const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b)

describe('sequence ranges behave like the sets they stand for', () => {
  it('cover exactly the numbers they were made of', () => {
    fc.assert(fc.property(numbers, (list) => {
      const ranges = rangesOf(list)
      expect(spread(ranges)).toEqual(sorted(new Set(list)))
      expect(countRanges(ranges)).toBe(new Set(list).size)
      for (let n = 0; n <= 61; n++) expect(rangesContain(ranges, n)).toBe(list.includes(n))
    }), { seed: 3 })
  })

  it('unite and subtract', () => {
    fc.assert(fc.property(numbers, numbers, (a, b) => {
      const [setA, setB] = [new Set(a), new Set(b)]
      expect(spread(unionRanges(rangesOf(a), rangesOf(b)))).toEqual(sorted(setA.union(setB)))
      expect(spread(subtractRanges(rangesOf(a), rangesOf(b)))).toEqual(sorted(setA.difference(setB)))
    }), { seed: 4 })
  })

  it('join neighbours and forget empty ones', () => {
    expect(normaliseRanges([[5, 6], [1, 2], [3, 4], [9, 8]])).toEqual([[1, 6]])
  })

  it('tell the unbroken run from 1', () => {
    expect(contiguousUpto([[1, 812], [900, 910]])).toBe(812)
    expect(contiguousUpto([[2, 3]])).toBe(0)
    expect(contiguousUpto([])).toBe(0)
  })
})
