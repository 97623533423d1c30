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
  const repetitions = obx.repetitions(5)
  if (repetitions.length === 0) return [{ ok: false, why: 'EMPTY' }]
  const structured = obx.text(2).trim().toUpperCase() === 'SN'
  return repetitions.map((_, repetition) => (structured ? readStructuredNumber(obx.components(5, repetition)) : readNumber(obx.text(5, 1, { repetition }))))
}
