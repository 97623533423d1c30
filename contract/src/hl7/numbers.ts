/** Why a row's value is no number, in the words of the quarantine list. */
export type ValueRefusal = 'EMPTY' | 'NULL_VALUE' | 'NOT_A_NUMBER' | 'COMPARATOR' | 'RANGE'
export type ValueWarning = 'DECIMAL_COMMA' | 'UNIT_IN_VALUE'

export type NumberReading =
  | { readonly ok: true; readonly value: number; readonly warnings: readonly ValueWarning[] }
  | { readonly ok: false; readonly why: ValueRefusal }

const LONGEST_NUMBER = 64
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)$/
const COMMA = /^[+-]?\d+,\d+$/
const WITH_UNIT = /^([+-]?\d+(?:[.,]\d+)?)\s*(%|[A-Za-z/°µ[\]]+(?:\/[A-Za-z]+)?)$/

/**
 * Reads the number of an NM value (HL7 v2.5.1 §2.A.50: no exponent), or of a text that holds one. `36,7` and `98 %` are seen
 * in the wild and read with a warning; `---`, `NaN` and `1e2` are no values.
 */
export function readNumber(text: string): NumberReading {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: false, why: 'EMPTY' }
  if (trimmed === '""') return { ok: false, why: 'NULL_VALUE' }
  // More digits than any measurement has: some are read as infinite.
  if (trimmed.length > LONGEST_NUMBER) return { ok: false, why: 'NOT_A_NUMBER' }
  if (PLAIN.test(trimmed)) return { ok: true, value: Number(trimmed), warnings: [] }
  if (COMMA.test(trimmed)) return { ok: true, value: Number(trimmed.replace(',', '.')), warnings: ['DECIMAL_COMMA'] }
  const unit = WITH_UNIT.exec(trimmed)
  if (!unit || /^e/i.test(unit[2] ?? '')) return { ok: false, why: 'NOT_A_NUMBER' }
  const inner = readNumber(unit[1] ?? '')
  return inner.ok ? { ...inner, warnings: [...inner.warnings, 'UNIT_IN_VALUE'] } : inner
}

/** Structured numeric: comparator, number, separator, number (HL7 v2.5.1 §2.A.71). A bound or a range is no measured value. */
export function readStructuredNumber([comparator = '', first = '', separator = '', second = '']: readonly string[]): NumberReading {
  if (second.trim() !== '' || separator.trim() !== '') return { ok: false, why: 'RANGE' }
  const sign = comparator.trim()
  if (sign !== '' && sign !== '=') return { ok: false, why: 'COMPARATOR' }
  return readNumber(first)
}

export interface DisplayedLimits {
  readonly low?: number
  readonly high?: number
}

/** OBX-7 as limits to show beside the value; never taken as limits of our own. */
export function readLimits(text: string): DisplayedLimits {
  const both = /^\s*(-?\d+(?:\.\d+)?)\s*[-^]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text)
  if (both) return { low: Number(both[1]), high: Number(both[2]) }
  const one = /^\s*([<>])=?\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text)
  if (!one) return {}
  return one[1] === '>' ? { low: Number(one[2]) } : { high: Number(one[2]) }
}
