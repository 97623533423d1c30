import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { AuditExportHead, AuditKey, ExportedAuditEntry } from '@vigil/contract'
import { publicPem } from '@vigil/program'

/**
 * A signed export of the audit, JSON Lines: the head, an entry in each line (oldest first), and the signature. The signature is Ed25519 (RFC 8032)
 * over every byte above its line, so one changed byte, one line less or one more shows.
 */
export function writeExport(key: KeyObject, head: Omit<AuditExportHead, 'vigil' | 'version' | 'entries' | 'key'>, entries: readonly ExportedAuditEntry[]): string {
  const first: AuditExportHead = { vigil: 'audit-export', version: 1, ...head, entries: entries.length, key: spki(createPublicKey(key)).toString('base64') }
  const signed = [first, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('')
  return `${signed}${JSON.stringify({ signature: sign(null, Buffer.from(signed), key).toString('base64') })}\n`
}

export type ExportState = 'true' | 'tampered' | 'other key' | 'broken chain'

export interface ExportVerdict {
  readonly state: ExportState
  readonly sentence: string
  /** What the file says of itself; absent when not even that can be read. Believe it only when `state` is `true`. */
  readonly head?: AuditExportHead
}

/** Whether a file is what the holder of this key wrote. Needs nothing but the file and the public key. */
export function verifyExport(file: Buffer, trusted: KeyObject): ExportVerdict {
  const { signed, signature } = split(file)
  const lines = signed.toString('utf8').split('\n').slice(0, -1)
  const head = readHead(lines[0])
  if (signature === undefined) return { state: 'tampered', sentence: 'The file has no signature at its end: it was cut, or is no export.', ...(head && { head }) }
  if (verify(null, signed, trusted, signature)) return head ? judge(head, lines.slice(1)) : { state: 'tampered', sentence: 'What was signed is no export of an audit.' }
  const own = head && keyOf(head)
  if (head && own && fingerprintOf(own) !== fingerprintOf(trusted) && verify(null, signed, own, signature)) {
    return { state: 'other key', sentence: `The file is whole, but signed with another key (${fingerprintOf(own)}) than the one you trust (${fingerprintOf(trusted)}).`, head }
  }
  return { state: 'tampered', sentence: 'The signature does not belong to this content: something was changed, added or taken away.', ...(head && { head }) }
}

export function describeKey(key: KeyObject): AuditKey {
  return { algorithm: 'Ed25519', publicKey: publicPem(key), fingerprint: fingerprintOf(key) }
}

/** The links that stand side by side must meet: what was signed is then also one stretch of one chain. */
function judge(head: AuditExportHead, lines: readonly string[]): ExportVerdict {
  const entries = lines.map((line) => JSON.parse(line) as ExportedAuditEntry)
  if (entries.length !== head.entries) return { state: 'broken chain', sentence: `It says ${head.entries} entries and holds ${entries.length}.`, head }
  const torn = entries.find((entry, i) => {
    const before = entries[i - 1]
    return entry.seq !== undefined && before?.seq === entry.seq - 1 && before.hash !== entry.previous
  })
  if (torn) return { state: 'broken chain', sentence: `It is signed truly, but entry ${torn.seq} does not follow the one before it: the chain was broken when it was exported.`, head }
  return { state: 'true', sentence: `True: ${head.entries} entries, exported by ${head.exportedBy} (${head.role}) at ${head.exportedAt}.`, head }
}

function split(file: Buffer): { signed: Buffer; signature?: Buffer } {
  const end = file.lastIndexOf('\n', file.length - 2) + 1
  try {
    const { signature } = JSON.parse(file.subarray(end).toString('utf8')) as { signature?: unknown }
    return typeof signature === 'string' ? { signed: file.subarray(0, end), signature: Buffer.from(signature, 'base64') } : { signed: file }
  } catch {
    return { signed: file }
  }
}

function readHead(line = ''): AuditExportHead | undefined {
  try {
    const head = JSON.parse(line) as Partial<AuditExportHead>
    return head.vigil === 'audit-export' && head.version === 1 ? (head as AuditExportHead) : undefined
  } catch {
    return undefined
  }
}

function keyOf({ key }: AuditExportHead): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' })
  } catch {
    return undefined
  }
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const fingerprintOf = (key: KeyObject): string => createHash('sha256').update(spki(key.type === 'public' ? key : createPublicKey(key))).digest('hex')
