import { describe, expect, it } from 'vitest'
import { gaussianAt, slowWave, uniformAt } from '../../src/sim/seeded-noise.ts'

const indices = Array.from({ length: 20_000 }, (_, i) => i)
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('seeded noise', () => {
  it('is the same for the same seed and index, in whatever order it is asked for', () => {
    const forward = indices.slice(0, 100).map((i) => gaussianAt(7, i))
    const backward = indices.slice(0, 100).reverse().map((i) => gaussianAt(7, i)).reverse()
    expect(backward).toEqual(forward)
    expect(indices.slice(0, 100).map((i) => gaussianAt(8, i))).not.toEqual(forward)
  })

  it('is uniform, and normal with mean 0 and deviation 1', () => {
    const uniform = indices.map((i) => uniformAt(3, i))
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...uniform)).toBeLessThan(1)
    expect(mean(uniform)).toBeCloseTo(0.5, 1)
    const normal = indices.map((i) => gaussianAt(3, i))
    expect(Math.abs(mean(normal))).toBeLessThan(0.03)
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.05)
    expect(Math.abs(mean(normal.slice(1).map((x, i) => x * (normal[i] ?? 0))))).toBeLessThan(0.03)
  })

  it('of the slow kind is bounded and smooth', () => {
    const swings = [{ height: 2, periodS: 600 }, { height: 1, periodS: 60 }]
    for (let tS = -1_000; tS < 1_000; tS += 1) {
      expect(Math.abs(slowWave(5, swings, tS))).toBeLessThanOrEqual(3)
      expect(Math.abs(slowWave(5, swings, tS + 1) - slowWave(5, swings, tS))).toBeLessThan(0.13)
    }
  })
})
