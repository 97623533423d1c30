import { type Signal, signals } from '../catalogue.ts'
import catalogueJson from '../signal-catalogue.json' with { type: 'json' }
import type { Segment } from './message.ts'

export type CodeWarning = 'MDC_CODE_NAME_MISMATCH'

/** An observation identifier (OBX-3) as it came: code, name, coding system. */
export interface CodedName {
  readonly code: string
  readonly name: string
  readonly system: string
}

/** Identifier of a row (OBX-3). */
export function codeOf(obx: Segment): CodedName {
  return { code: obx.text(3, 1).trim(), name: obx.text(3, 2).trim(), system: obx.text(3, 3).trim() }
}

export type CodeMatch =
  | { readonly kind: 'signal'; readonly signal: Signal; readonly warning: CodeWarning | undefined }
  /** Code and name mean two different things: which one is wrong cannot be known. */
  | { readonly kind: 'contradiction' }
  | { readonly kind: 'unknown' }

const byMdcCode = new Map<string, Signal>()
const byRefid = new Map<string, Signal>()
const byLoinc = new Map<string, Signal>()
/** Private codes of vendors: `code^name^system`. */
const byPrivate = new Map<string, Signal>()
const refidOfCode = new Map<string, string>()

const signalOfKey = new Map(signals.map((signal) => [signal.key, signal]))
// The first signal of the catalogue that claims a code has it: 8867-4 is the heart rate, though a pulse rate may be coded so too.
const claim = <V>(map: Map<string, V>, key: string, value: V) => void (map.has(key) || map.set(key, value))

for (const entry of catalogueJson) {
  const signal = signalOfKey.get(entry.key)
  if (!signal) continue
  for (const { code, refid } of entry.mdc) {
    const name = refid.split(' ')[0] as string
    claim(byMdcCode, String(code), signal)
    claim(byRefid, name, signal)
    claim(refidOfCode, String(code), name)
  }
  for (const { code } of entry.loinc) claim(byLoinc, code, signal)
  for (const alias of entry.aliases) if (alias.split('^').length === 3) claim(byPrivate, alias, signal)
}

/** Nomenclature of IEEE 11073 under its names in HL7. */
const MDC: ReadonlySet<string> = new Set(['MDC', 'MDIL'])
const HEXADECIMAL = /^([0-9a-fA-F]{4})-([0-9a-fA-F]{4})$/

/** `0002-4bb8`, partition and term in hexadecimal, as the one number of the nomenclature (partition x 65536 + term). */
export function mdcNumber(code: string): string {
  const parts = HEXADECIMAL.exec(code)
  return parts ? String(Number.parseInt(parts[1] as string, 16) * 65_536 + Number.parseInt(parts[2] as string, 16)) : code
}

/**
 * Which signal an identifier means. In the MDC nomenclature both the number and the reference id say it; senders get either
 * wrong, so both are looked up. They may name different terms of one signal (a warning), but not two signals.
 */
export function matchCode(coded: CodedName): CodeMatch {
  const { code, name, system } = coded
  const vendor = byPrivate.get(`${code}^${name}^${system}`)
  if (vendor) return found(vendor)
  if (system.trim().toUpperCase() === 'LN') return found(byLoinc.get(code))
  return isMdc(coded) ? matchMdc(mdcNumber(code), name) : { kind: 'unknown' }
}

function isMdc({ code, name, system }: CodedName): boolean {
  return MDC.has(system.trim().toUpperCase()) || name.startsWith('MDC_') || HEXADECIMAL.test(code)
}

function matchMdc(number: string, name: string): CodeMatch {
  const ofCode = byMdcCode.get(number)
  const ofName = byRefid.get(name)
  if (ofCode && ofName && ofCode !== ofName) return { kind: 'contradiction' }
  const signal = ofCode ?? ofName
  if (!signal) return { kind: 'unknown' }
  // A name outside the nomenclature ("SpO2") is a label, no claim.
  const differs = name.startsWith('MDC_') && name !== refidOfCode.get(number)
  return { kind: 'signal', signal, warning: differs ? 'MDC_CODE_NAME_MISMATCH' : undefined }
}

function found(signal: Signal | undefined): CodeMatch {
  return signal ? { kind: 'signal', signal, warning: undefined } : { kind: 'unknown' }
}
