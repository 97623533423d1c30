import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExportedAuditEntry } from '@vigil/contract'
import { verifyExport, writeExport } from '../../src/audit/signed-export.ts'

const { privateKey: ours } = generateKeyPairSync('ed25519')
const { privateKey: theirs } = generateKeyPairSync('ed25519')
const trusted = createPublicKey(ours)
const hash = (n: number) => n.toString(16).padStart(64, '0')
const entry = (n: number, more: Partial<ExportedAuditEntry> = {}): ExportedAuditEntry => ({ id: n, at: '2026-07-14T02:14:07.000Z', username: 'li', role: 'nurse', action: 'patient.read', origin: '127.0.0.1', requestId: 'r', seq: n, hash: hash(n), previous: hash(n - 1), ...more })
const file = (entries: readonly ExportedAuditEntry[] = [1, 2, 3, 4].map((n) => entry(n)), key = ours) =>
  writeExport(key, { exportedAt: '2026-07-14T02:14:07.000Z', exportedBy: 'auditor', role: 'auditor', filter: { user: 'li' }, chain: { seq: 9, hash: hash(9) } }, entries)
const stateOf = (text: string | Buffer) => verifyExport(Buffer.from(text), trusted).state
const lines = (text: string) => text.trimEnd().split('\n')

describe('a signed export of the audit', () => {
  it('is true as it was written, and says who exported what and when', () => {
    expect(verifyExport(Buffer.from(file()), trusted)).toMatchObject({ state: 'true', sentence: 'True: 4 entries, exported by auditor (auditor) at 2026-07-14T02:14:07.000Z.', head: { filter: { user: 'li' }, chain: { seq: 9 } } })
    expect(stateOf(file([]))).toBe('true')
  })

  it('is tampered with any byte changed, wherever', () => {
    const whole = Buffer.from(file())
    fc.assert(fc.property(fc.nat(whole.length - 2), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] as number) ^ by
      // In base64 of 64 bytes the last sign has two bits that mean nothing.
      const isSame = JSON.stringify(lines(changed.toString()).slice(0, -1)) === JSON.stringify(lines(whole.toString()).slice(0, -1))
      expect(stateOf(changed) === 'true' ? isSame : true).toBe(true)
      if (!isSame) expect(stateOf(changed)).not.toBe('true')
    }), { seed: 5, numRuns: 400 })
  })

  it.each([
    ['a row removed', (all: string[]) => all.toSpliced(2, 1)],
    ['the last row removed', (all: string[]) => all.toSpliced(-2, 1)],
    ['two rows that changed places', (all: string[]) => [all[0], all[2], all[1], ...all.slice(3)]],
    ['a row put in', (all: string[]) => all.toSpliced(2, 0, JSON.stringify(entry(7)))],
    ['the signature cut off', (all: string[]) => all.slice(0, -1)],
    ['another name in the head', (all: string[]) => [(all[0] as string).replace('"exportedBy":"auditor"', '"exportedBy":"somebody"'), ...all.slice(1)]],
    ['nothing at all', () => []],
  ])('is tampered with %s', (_what, change) => {
    expect(stateOf(`${change(lines(file())).join('\n')}\n`)).toBe('tampered')
  })

  it('of another key is whole, but not from who is trusted', () => {
    expect(verifyExport(Buffer.from(file(undefined, theirs)), trusted)).toMatchObject({ state: 'other key' })
    // Our key named in the head of a file that somebody else signed.
    const mixed = [lines(file())[0], ...lines(file(undefined, theirs)).slice(1)].join('\n')
    expect(stateOf(`${mixed}\n`)).toBe('tampered')
  })

  it('of a chain that was broken when it was exported says so', () => {
    expect(verifyExport(Buffer.from(file([entry(1), entry(2), entry(3, { previous: hash(77) })])), trusted)).toMatchObject({ state: 'broken chain', sentence: expect.stringContaining('entry 3') as string })
    // What the filter left out lies between: nothing to compare.
    expect(stateOf(file([entry(1), entry(3), entry(9)]))).toBe('true')
  })
})
