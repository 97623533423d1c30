import { describe, expect, it } from 'vitest'
import { reconnectDelayMs } from '../../src/link/reconnect.ts'
import { seeded } from '../support/seeded.ts'

const delays = (failures: number): number[] => {
  const random = seeded(failures + 1)
  return Array.from({ length: 2_000 }, () => reconnectDelayMs(failures, random))
}
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length

describe('waiting before the next attempt', () => {
  it('is short after a first cut', () => {
    expect(Math.min(...delays(0))).toBeGreaterThanOrEqual(200)
    expect(Math.max(...delays(0))).toBeLessThanOrEqual(1_000)
  })

  it('then spreads a ward over 1, 2, 4 … 60 s', () => {
    for (const [failures, mostMs] of [[1, 1_000], [2, 2_000], [4, 8_000], [6, 32_000], [7, 60_000], [50, 60_000]] as const) {
      expect(Math.max(...delays(failures))).toBeLessThanOrEqual(mostMs)
      expect(mean(delays(failures))).toBeGreaterThan(mostMs * 0.45)
      expect(mean(delays(failures))).toBeLessThan(mostMs * 0.62)
    }
  })
})
