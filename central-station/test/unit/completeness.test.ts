import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newerElsewhere } from '../../src/devices/device-drift.ts'
import { countDays, type DayPart } from '../../src/ledger/completeness.ts'
import type { LedgerFact } from '../../src/ledger/ledger.ts'

const days = ['2026-07-12', '2026-07-13', '2026-07-14']
const fact = (more: Partial<LedgerFact> = {}): LedgerFact => ({ no: 1, epoch: 'abcd0001', got: [], lost: [], firstAtMs: 10, lastAtMs: 20, ...more })
const part = (day: string, lowest: number, highest: number): DayPart => ({ day, ledgerNo: 1, lowest, highest })

describe('completeness by day', () => {
  it('gives a hole across midnight to the day that ended it, and says what the device gave up', () => {
    const told = countDays({ fromMs: 0, days, parts: [part('2026-07-12', 1, 100), part('2026-07-13', 121, 200)] }, [fact({ got: [[1, 100], [121, 200]], lost: [[101, 105]] })])
    expect(told).toEqual([
      { day: '2026-07-12', expected: 100, received: 100, missing: 0, lost: 0 },
      { day: '2026-07-13', expected: 100, received: 80, missing: 20, lost: 5 },
      { day: '2026-07-14', expected: 0, received: 0, missing: 0, lost: 0 },
    ])
  })

  it('counts an epoch that began before from its lowest number, and none missing where numbers are times', () => {
    expect(countDays({ fromMs: 15, days, parts: [part('2026-07-12', 501, 600)] }, [fact({ got: [[501, 600]] })])[0]).toMatchObject({ expected: 100, missing: 0 })
    expect(countDays({ fromMs: 0, days, parts: [part('2026-07-12', 10_000, 20_000)] }, [fact({ epoch: 'cloud-12', got: [[10_000, 10_000], [20_000, 20_000]] })])[0]).toMatchObject({ expected: 2, received: 2, missing: 0 })
  })

  it('gives every number to exactly one day, in whatever order it was measured', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.record({ n: fc.integer({ min: 1, max: 300 }), day: fc.constantFrom(...days) }), { selector: (row) => row.n, minLength: 1 }), (rows) => {
        const parts = days.flatMap((day) => {
          const numbers = rows.filter((row) => row.day === day).map((row) => row.n)
          return numbers.length === 0 ? [] : [part(day, Math.min(...numbers), Math.max(...numbers))]
        })
        const told = countDays({ fromMs: 0, days, parts }, [fact({ got: rows.map(({ n }): [number, number] => [n, n]) })])
        expect(told.reduce((sum, day) => sum + day.received, 0)).toBe(rows.length)
        expect(told.reduce((sum, day) => sum + day.expected, 0)).toBe(Math.max(...rows.map((row) => row.n)))
      }),
      { seed: 20_261_129 },
    )
  })
})

describe('firmware of others', () => {
  const heard = (id: string, fw?: string, hw = 'Pi Zero') => ({ id, birth: { st: 'online' as const, hw, ...(fw === undefined ? {} : { fw }) } })
  it('is told when newer on the same hardware, numbers read as numbers', () => {
    const fleet = [heard('a', '1.9.0'), heard('b', '1.10.0'), heard('c', '3.0.0', 'ESP32'), heard('d')]
    expect(newerElsewhere('a', fleet)).toBe('1.10.0')
    expect(newerElsewhere('b', fleet)).toBeUndefined()
    expect(newerElsewhere('d', fleet)).toBeUndefined()
  })
})
