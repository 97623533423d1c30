import type { Bmp280Calibration } from '../../sensors/bmp280-compensation.ts'

/** The trimming values of the datasheet's worked example. */
export const exampleCalibration: Bmp280Calibration = {
  t: [27_504, 26_435, -1_000],
  p: [36_477, -10_685, 3_024, 2_855, 140, -7, 15_500, -14_600, 6_000],
}

export function calibrationBytes({ t, p }: Bmp280Calibration): Uint8Array {
  const words = [...t, ...p]
  return Uint8Array.from(words.flatMap((word) => [word & 0xff, (word >> 8) & 0xff]))
}

export interface RawResult {
  readonly temperature: number
  readonly pressure: number
}

/**
 * What the converter would have to read for the compensation to give `pa` and `cel`: the datasheet's floating-point formulas
 * (section 8.1) solved backwards. Independent of the driver's integer arithmetic, so that each checks the other. Not rounded.
 */
export function rawFor(pa: number, cel: number, { t, p }: Bmp280Calibration): RawResult {
  const [t1, t2, t3] = t
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = p
  const fine = cel * 5_120
  // t3 x² + 8 t2 x = fine, with x = raw / 131072 − t1 / 8192.
  const x = (2 * fine) / (8 * t2 + Math.sqrt(64 * t2 * t2 + 4 * t3 * fine))
  const temperature = (x + t1 / 8_192) * 131_072

  const offset = fine / 2 - 64_000
  const quadratic = ((offset * offset * p6) / 32_768 + offset * p5 * 2) / 4 + p4 * 65_536
  const gain = (1 + ((p3 * offset * offset) / 524_288 + p2 * offset) / 524_288 / 32_768) * p1
  // pa = y + (p9 y² / 2³¹ + p8 y / 32768 + p7) / 16, where y is the pressure before its last correction.
  const a = p9 / 2 ** 31 / 16
  const b = 1 + p8 / 32_768 / 16
  const c = p7 / 16 - pa
  const y = (-2 * c) / (b + Math.sqrt(b * b - 4 * a * c))
  return { temperature, pressure: 1_048_576 - (y * gain) / 6_250 - quadratic / 4_096 }
}
