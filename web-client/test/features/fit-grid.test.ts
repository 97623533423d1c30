// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitGrid } from '../../src/features/ward/fit-grid.ts'

describe('the shape of the wall', () => {
  it('shows up to 48 beds at once on a wall screen and on a desk', () => {
    for (const [width, height] of [[1908, 1020], [1268, 740]] as const) {
      for (let beds = 1; beds <= 48; beds++) {
        const { columns, rows, rowHeight } = fitGrid(beds, width, height)
        expect(rowHeight, `${beds} beds on ${width}`).toBeUndefined()
        expect(columns * rows).toBeGreaterThanOrEqual(beds)
        expect(columns * (rows - 1)).toBeLessThan(beds)
      }
    }
  })

  it('uses the room: twelve beds on a wall are four by three', () => {
    expect(fitGrid(12, 1908, 1020)).toEqual({ columns: 4, rows: 3, rowHeight: undefined })
  })

  it('scrolls on a phone, in two columns, instead of hiding beds on a second page', () => {
    const { columns, rows, rowHeight } = fitGrid(48, 378, 700)
    expect([columns, rows]).toEqual([2, 24])
    expect(rowHeight).toBeGreaterThan(150)
  })

  it('has a place for every bed on any screen', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 0, max: 3_000 }), (beds, width, height) => {
      const { columns, rows } = fitGrid(beds, width, height)
      expect(columns).toBeGreaterThanOrEqual(1)
      expect(columns * rows).toBeGreaterThanOrEqual(beds)
    }), { seed: 2 })
  })
})
