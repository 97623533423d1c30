import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelayMs } from '../src/retry-delay.ts'

const reconnect = { leastMs: 200, firstMs: 1_000, longestMs: 60_000 }

describe('waiting before trying again', () => {
  it('is spread between the least and a ceiling that doubles up to the longest', () => {
    const ceilings = [0, 1, 2, 5, 6, 7, 50].map((failures) => retryDelayMs(failures, reconnect, () => 1))
    expect(ceilings).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000])
    expect(retryDelayMs(3, reconnect, () => 0.5)).toBe(200 + 0.5 * 7_800)
  })

  it('is never outside of them, however long it has failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 1e9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(2_000), fc.nat(5_000), fc.nat(100_000), (failures, at, leastMs, more, longer) => {
        const firstMs = leastMs + more
        const longestMs = firstMs + longer
        const delayMs = retryDelayMs(failures, { leastMs, firstMs, longestMs }, () => at)
        expect(delayMs).toBeGreaterThanOrEqual(leastMs)
        expect(delayMs).toBeLessThanOrEqual(longestMs)
      }),
    )
  })

  it('may be nothing where no least is asked for', () => expect(retryDelayMs(4, { firstMs: 250, longestMs: 5_000 }, () => 0)).toBe(0))
})
