import type { UnknownCode } from '@vigil/contract'
import { type Observation, readMessage, readObservations, type SourceCode, type SourceProfile, type UnmappedValue } from '@vigil/contract/hl7/index'
import { iso } from '../iso.ts'

/** A message as it was kept, and how its source is read. */
export interface KeptMessage {
  readonly id: string
  readonly raw: Uint8Array
  readonly receivedMs: number
}

export interface Reader extends SourceProfile {
  readonly charset: string
}

/** Codes nobody knows in these messages, newest message first, each with its newest row. */
export function unknownCodes(messages: readonly KeptMessage[], reader: Reader): UnknownCode[] {
  const found = new Map<string, UnknownCode>()
  for (const message of messages) {
    for (const { code, value, unit } of unmappedOf(message, reader)) {
      const key = `${code.code}^${code.system}`
      const known = found.get(key)
      if (known) found.set(key, { ...known, count: known.count + 1 })
      else if (code.code !== '') found.set(key, { ...code, unit, count: 1, lastAt: iso(message.receivedMs), sample: value })
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count)
}

function unmappedOf({ raw, receivedMs }: KeptMessage, { charset, ...profile }: Reader): UnmappedValue[] {
  const reading = readMessage(raw, charset)
  return reading.ok ? readObservations(reading.message, { ...profile, receivedMs }).flatMap(({ unmapped }) => unmapped) : []
}

/** What a message said under a code that was unknown when it came, now that it is known. */
export function valuesUnder(own: Pick<SourceCode, 'code' | 'system' | 'signal' | 'unit'>, { raw, receivedMs }: KeptMessage, { charset, ...profile }: Reader): Observation[] {
  const reading = readMessage(raw, charset)
  if (!reading.ok) return []
  const codes: SourceCode[] = [{ ...own, fromMs: -Infinity, untilMs: Infinity }]
  return readObservations(reading.message, { ...profile, receivedMs, codes }).flatMap(({ observations }) => observations.filter(({ code }) => code.code === own.code && code.system === own.system))
}
