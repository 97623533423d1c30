import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bmp280Calibration, celsius, fineTemperature, parseCalibration, pascals, pressureQ8 } from '../../src/sensors/bmp280-compensation.ts'
import { calibrationBytes, exampleCalibration, rawFor } from '../../src/sim/chips/bmp280-inverse.ts'

describe('BMP280 compensation', () => {
  it('gives the worked example of the datasheet bit for bit', () => {
    const fine = fineTemperature(519_888, exampleCalibration)
    expect(fine).toBe(128_422)
    expect(celsius(fine)).toBe(25.08)
    expect(pressureQ8(415_148, fine, exampleCalibration)).toBe(25_767_233)
    expect(pascals(415_148, fine, exampleCalibration)).toBeCloseTo(100_653.25, 1)
  })

  it('reads the trimming values little endian, T1 and P1 without a sign', () => {
    const largest: Bmp280Calibration = { t: [65_535, -32_768, 32_767], p: [65_535, -32_768, 32_767, -1, 1, -7, 15_500, -14_600, 6_000] }
    expect(parseCalibration(calibrationBytes(largest))).toEqual(largest)
    expect(parseCalibration(calibrationBytes(exampleCalibration))).toEqual(exampleCalibration)
  })

  it('gives no pressure for a chip without trimming values', () => {
    const blank: Bmp280Calibration = { t: [0, 0, 0], p: [0, 0, 0, 0, 0, 0, 0, 0, 0] }
    expect(pascals(415_148, fineTemperature(519_888, blank), blank)).toBeUndefined()
  })

  it('does not overflow with trimming values at their limits', () => {
    const extreme: Bmp280Calibration = { ...exampleCalibration, t: [1, 32_767, 32_767] }
    // t1 and t2 terms of the datasheet in plain arithmetic.
    const expected = Math.floor((((0xfffff >> 3) - 2) * 32_767) / 2 ** 11) + Math.floor((Math.floor(((0xfffff >> 4) - 1) ** 2 / 4_096) * 32_767) / 2 ** 14)
    expect(fineTemperature(0xfffff, extreme)).toBe(expected)
  })

  it('returns what the independent inverse was asked for, over the whole range of weather and ventilation', () => {
    const pressure = fc.double({ min: 60_000, max: 110_000, noNaN: true })
    const temperature = fc.double({ min: 0, max: 45, noNaN: true })
    fc.assert(
      fc.property(pressure, temperature, (pa, cel) => {
        const raw = rawFor(pa, cel, exampleCalibration)
        const fine = fineTemperature(Math.round(raw.temperature), exampleCalibration)
        expect(Math.abs(celsius(fine) - cel)).toBeLessThan(0.011)
        expect(Math.abs((pascals(Math.round(raw.pressure), fine, exampleCalibration) ?? 0) - pa)).toBeLessThan(0.5)
      }),
      { seed: 280, numRuns: 500 },
    )
  })
})
