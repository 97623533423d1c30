import { signed16, signed8, unsigned16LittleEndian } from './words.ts'

/** Trimming values of one BME280: H1..H6 of the datasheet (Bosch BST-BME280-DS002, table 16). */
export interface HumidityCalibration {
  readonly h1: number
  readonly h2: number
  readonly h3: number
  readonly h4: number
  readonly h5: number
  readonly h6: number
}

export const HUMIDITY_CALIBRATION = { H1: 0xa1, FROM_H2: 0xe1, H2_BYTES: 7 } as const

/** H4 and H5 have twelve bits and share the byte at 0xE5. */
export function parseHumidityCalibration(h1: number, bytes: Uint8Array): HumidityCalibration {
  const at = (index: number): number => bytes[index] ?? 0
  return {
    h1,
    h2: signed16(unsigned16LittleEndian(bytes)),
    h3: at(2),
    h4: (signed8(at(3)) << 4) | (at(4) & 0x0f),
    h5: (signed8(at(5)) << 4) | (at(4) >> 4),
    h6: signed8(at(6)),
  }
}

/** Per cent of relative humidity, 0..100, by the floating-point formula of the datasheet (appendix A). @param fine `t_fine` */
export function relativeHumidity(raw: number, fine: number, { h1, h2, h3, h4, h5, h6 }: HumidityCalibration): number {
  const warm = fine - 76_800
  const linear = (raw - (h4 * 64 + (h5 / 16_384) * warm)) * ((h2 / 65_536) * (1 + (h6 / 67_108_864) * warm * (1 + (h3 / 67_108_864) * warm)))
  return Math.max(0, Math.min(100, linear * (1 - (h1 * linear) / 524_288)))
}
