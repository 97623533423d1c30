// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { neededPx, readableFrom, readPlace } from '../../src/features/ward/reading-distance.ts'

const HD = { width: 1920, height: 1080 }
const QHD = { width: 2560, height: 1440 }

describe('numbers of a wall that is read from afar', () => {
  it.each([
    [2, 55, HD, 26],
    [4, 55, HD, 52],
    [6, 55, HD, 78],
    [4, 27, QHD, 142],
  ])('from %s m on %s inches', (distance, inches, screen, px) => {
    expect(Math.abs(neededPx({ distance, inches }, screen) - px)).toBeLessThanOrEqual(1)
  })

  it('of a given size are read from so far', () => {
    expect(readableFrom(neededPx({ distance: 4, inches: 55 }, HD), 55, HD)).toBeCloseTo(4, 0)
    expect(readableFrom(26, 55, HD)).toBeCloseTo(2, 0)
  })

  it('are left as they are where nobody said, or said nonsense', () => {
    expect([readPlace(undefined, undefined), readPlace(0, 0), readPlace('4', '2'), readPlace('99', '55'), readPlace('x', '55')]).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(readPlace('4', '55')).toEqual({ distance: 4, inches: 55 })
  })
})
