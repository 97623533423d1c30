import type { Segment } from './message.ts'
import { type NumberReading, readNumber, readStructuredNumber } from './numbers.ts'

const NUMERIC: ReadonlySet<string> = new Set(['NM', 'SN'])
const TEXTUAL: ReadonlySet<string> = new Set(['ST', 'TX', 'FT'])

/** True for a row that may hold a measured number: NM and SN, or text that begins like one. */
export function isNumericType(obx: Segment): boolean {
  const type = obx.text(2).trim().toUpperCase()
  return NUMERIC.has(type) || (TEXTUAL.has(type) && /^\s*[+-]?[\d.]/.test(obx.text(5)))
}

/** One reading per repetition of OBX-5; an empty field gives one, which says so. */
export function readValues(obx: Segment): readonly NumberReading[] {
  const structured = obx.text(2).trim().toUpperCase() === 'SN'
  const readings = structured ? obx.componentsOfEach(5).map(readStructuredNumber) : obx.texts(5).map(readNumber)
  return readings.length === 0 ? [{ ok: false, why: 'EMPTY' }] : readings
}
