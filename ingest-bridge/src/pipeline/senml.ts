import { isCborArray, isSenml, readSenml, type SenmlPack } from '@vigil/contract/senml'
import { readJson } from '@vigil/program'
import { decode } from 'cborg'

/** CBOR labels, RFC 8428 table 4. */
const LABELS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [-1, 'bver'], [-2, 'bn'], [-3, 'bt'], [-4, 'bu'], [-5, 'bv'], [-6, 'bs'], [0, 'n'], [1, 'u'], [2, 'v'], [3, 'vs'], [4, 'vb'], [5, 's'], [6, 't'], [7, 'ut'], [8, 'vd'],
])
/** A pack in CBOR or JSON as telemetry; `undefined` for anything else. Never throws. */
export function readPack(payload: Buffer, receivedAt: number): SenmlPack | undefined {
  const value = isCborArray(payload) ? fromCbor(payload) : fromJson(payload)
  return isSenml(value) ? readSenml(value, receivedAt) : undefined
}

function fromJson(payload: Buffer): unknown {
  // Looked at before it is parsed: almost everything is telemetry of our own, and is parsed once.
  if (payload[0] !== 0x5b || !/^\[\s*\{\s*"(?:n|u|v|t|b[ntuvs]|bver)"/.test(payload.toString('latin1', 0, 40))) return undefined
  return readJson(payload)
}

function fromCbor(payload: Buffer): unknown {
  try {
    const pack: unknown = decode(payload, { useMaps: true, allowBigInt: true, rejectDuplicateMapKeys: true })
    return Array.isArray(pack) ? pack.map(recordOf) : undefined
  } catch {
    return undefined
  }
}

function recordOf(entry: unknown): unknown {
  return entry instanceof Map ? Object.fromEntries([...(entry as Map<unknown, unknown>)].map(([label, value]) => [LABELS.get(label) ?? String(label), value])) : entry
}
