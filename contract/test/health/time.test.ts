import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHealthTime } from '../../src/health/time.ts'

const two = (n: number) => String(n).padStart(2, '0')

describe('the form nearly every row has', () => {
  it('is read as its ISO form is, also where it is no time, whatever came before', () => {
    const part = fc.integer({ min: 0, max: 99 })
    const form = fc.record({ year: fc.integer({ min: 1800, max: 2200 }), month: part, day: part, hour: part, minute: part, second: part, sign: fc.constantFrom('+', '-', ' '), offset: fc.integer({ min: 0, max: 9999 }) })
    fc.assert(
      fc.property(fc.array(form, { minLength: 1, maxLength: 5 }), (forms) => {
        for (const { year, month, day, hour, minute, second, sign, offset } of forms) {
          // Half of them in believable bounds, so that both answers are met.
          const [m, d, h] = year % 2 === 0 ? [(month % 12) + 1, (day % 28) + 1, hour % 24] : [month, day, hour]
          const text = `${year}-${two(m)}-${two(d)} ${two(h)}:${two(minute % 61)}:${two(second % 62)} ${sign}${String(offset % 1_500).padStart(4, '0')}`
          expect(readHealthTime(text), text).toEqual(readHealthTime(text.replace(' ', 'T')))
        }
      }),
      { numRuns: 300 },
    )
  })
})
