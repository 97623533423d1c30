import { describe, expect, it } from 'vitest'
import { memoryDocument } from '../../src/commands/durable-document.ts'
import { type CalibrationMemory, createCalibration } from '../../src/core/calibration.ts'
import type { Channel, Reading } from '../../src/sensors/reading.ts'

const block = (channel: Channel, pa: number, n: number): Reading => ({ kind: 'block', channel, hz: 25, t0Ms: n * 40, values: Float32Array.of(pa) })
const pascals = (reading: Reading): number => (reading.kind === 'block' ? (reading.values[0] ?? Number.NaN) : Number.NaN)

function heard(pressure: (n: number) => number) {
  const calibration = createCalibration(memoryDocument<CalibrationMemory>())
  for (let n = 0; n < 64; n += 1) calibration.adjust(block('mask_gauge', pressure(n), n))
  return calibration
}

describe('the zero of a gauge sensor', () => {
  it('is what it shows with the mask in the air, and is taken off from then on', () => {
    const calibration = heard((n) => 38 + (n % 2))
    expect(calibration.calibrate('paw', undefined)).toEqual({ zeroPa: 38.5 })
    expect(pascals(calibration.adjust(block('mask_gauge', 538.5, 64)))).toBe(500)
    expect(pascals(calibration.adjust(block('mask_pressure', 101_000, 64)))).toBe(101_000)
  })

  it('is not taken from a mask on a face', () => {
    expect(() => heard((n) => 30 * Math.sin(n / 5)).calibrate('paw', undefined)).toThrow('Take the mask off')
    expect(() => heard(() => 900).calibrate('paw', undefined)).toThrow('Take the mask off')
  })
})
