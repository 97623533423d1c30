import { signed16, unsigned16LittleEndian } from './words.ts'

/** Trimming values of one BMP280, burnt in by the maker: T1..T3 and P1..P9 of the datasheet. */
export interface Bmp280Calibration {
  readonly t: readonly [number, number, number]
  readonly p: readonly [number, number, number, number, number, number, number, number, number]
}

/** Registers 0x88..0x9F, little endian; T1 and P1 are unsigned. */
export const CALIBRATION_BYTES = 24

export function parseCalibration(bytes: Uint8Array): Bmp280Calibration {
  const word = (index: number): number => unsigned16LittleEndian(bytes, index * 2)
  const signed = (index: number): number => signed16(word(index))
  return {
    t: [word(0), signed(1), signed(2)],
    p: [word(3), signed(4), signed(5), signed(6), signed(7), signed(8), signed(9), signed(10), signed(11)],
  }
}

/** An arithmetic right shift that does not overflow at 32 bits, as trimming values at their limits would make it. */
const shiftRight = (value: number, bits: number): number => Math.floor(value / 2 ** bits)

/** The datasheet's `t_fine`: temperature in 1/5120 Cel, which the pressure formula needs. Integers throughout. */
export function fineTemperature(rawTemperature: number, { t: [t1, t2, t3] }: Bmp280Calibration): number {
  const offset = (rawTemperature >> 4) - t1
  const linear = shiftRight(((rawTemperature >> 3) - t1 * 2) * t2, 11)
  return linear + shiftRight(shiftRight(offset * offset, 12) * t3, 14)
}

/** Cel in steps of 0.01. */
export const celsius = (fine: number): number => ((fine * 5 + 128) >> 8) / 100

/**
 * Pressure in Pa × 256 by the 64-bit integer formula of the datasheet (section 3.11.3), bit for bit.
 * `undefined` where the formula divides by zero, which only a chip with blank trimming does.
 */
export function pressureQ8(rawPressure: number, fine: number, { p }: Bmp280Calibration): number | undefined {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = p
  const offset = BigInt(fine) - 128000n
  const squared = offset * offset
  const quadratic = squared * BigInt(p6) + ((offset * BigInt(p5)) << 17n) + (BigInt(p4) << 35n)
  const gain = ((squared * BigInt(p3)) >> 8n) + ((offset * BigInt(p2)) << 12n)
  const divisor = (((1n << 47n) + gain) * BigInt(p1)) >> 33n
  if (divisor === 0n) return undefined
  const linear = ((((1048576n - BigInt(rawPressure)) << 31n) - quadratic) * 3125n) / divisor
  const high = (BigInt(p9) * (linear >> 13n) * (linear >> 13n)) >> 25n
  const low = (BigInt(p8) * linear) >> 19n
  return Number(((linear + high + low) >> 8n) + (BigInt(p7) << 4n))
}

/** Pa, or `undefined` for a chip without trimming values. */
export function pascals(rawPressure: number, fine: number, calibration: Bmp280Calibration): number | undefined {
  const q8 = pressureQ8(rawPressure, fine, calibration)
  return q8 === undefined ? undefined : q8 / 256
}
