import { spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeExport } from '@vigil/central-station/signed-export'
import { freePort } from '@vigil/ops/testing'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'vigil-verify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ours = generateKeyPairSync('ed25519')
const hash = (n: number) => n.toString(16).padStart(64, '0')
const entries = [1, 2, 3].map((n) => ({ id: n, at: '2026-07-14T02:14:07.000Z', username: 'li', role: 'nurse', action: 'patient.read' as const, origin: '127.0.0.1', requestId: 'r', seq: n, hash: hash(n), previous: hash(n - 1) }))
const head = { exportedAt: '2026-07-14T02:14:07.000Z', exportedBy: 'auditor', role: 'auditor', filter: {}, chain: { seq: 3, hash: hash(3) } }

function put(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const pem = (name: string, key: KeyObject) => put(name, key.export({ type: 'spki', format: 'pem' }).toString())
const whole = writeExport(ours.privateKey, head, entries)
const file = put('audit.jsonl', whole)
const key = pem('trusted.pem', ours.publicKey)
const data = join(folder, 'nothing-here')

/** As typed at a terminal. */
function typed(program: string, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`, HOME: folder } })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString() })
    child.on('close', (code) => resolve({ code, out, err }))
  })
}
const verify = (...args: string[]) => typed(process.execPath, ['ops/src/cli/audit-verify.ts', '--data', data, ...args])

describe('npm run audit:verify at a terminal', { timeout: 60_000 }, () => {
  it('a signed export as it was written: true, and exit code 0, without any database', async () => {
    expect(await typed('npm', ['run', '-s', 'audit:verify', '--', '--audit-file', file, '--audit-key', key])).toEqual({ code: 0, out: 'True: 3 entries, exported by auditor (auditor) at 2026-07-14T02:14:07.000Z.\n', err: '' })
    const { code, out } = await verify('--audit-file', file, '--audit-key', key, '--json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, state: 'true' }])
  })

  it.each([
    ['a changed name', whole.replace('"username":"li"', '"username":"lo"'), /^NOT TO BE BELIEVED \(tampered\): .+\n$/],
    ['its end cut off', whole.slice(0, -40), /^NOT TO BE BELIEVED \(tampered\): .+\n$/],
    ['nothing in it', '', /^NOT TO BE BELIEVED \(tampered\): .+\n$/],
    ['the signature of somebody else', writeExport(generateKeyPairSync('ed25519').privateKey, head, entries), /^NOT TO BE BELIEVED \(other key\): .+\n$/],
    ['a break in its chain', writeExport(ours.privateKey, head, entries.map((entry) => (entry.seq === 3 ? { ...entry, previous: hash(9) } : entry))), /^NOT TO BE BELIEVED \(broken chain\): .*entry 3.*\n$/],
  ])('an export with %s: not to be believed, and exit code 1', async (_what, text, says) => {
    const { code, out } = await verify('--audit-file', put('other.jsonl', text), '--audit-key', key)
    expect([code, out]).toEqual([1, expect.stringMatching(says)])
  })

  it.each([
    ['a file that is not there', () => ['--audit-file', join(folder, 'missing.jsonl'), '--audit-key', key], /^The file cannot be read: .*missing\.jsonl/],
    ['a key that is not there', () => ['--audit-file', file, '--audit-key', join(folder, 'missing.pem')], /^The key cannot be read: .*missing\.pem/],
    ['a key that is none', () => ['--audit-file', file, '--audit-key', put('none.pem', 'no key')], /^The key cannot be read: .+/],
    ['no key, and none in the data directory', () => ['--audit-file', file], /^There is no key to trust in .*--audit-key/],
    ['no database yet', () => [], /^There is no database yet\. Run npm start once, or set DATABASE_URL\.\n$/],
    ['a flag that is none', () => ['--audit-fiel', file], /--audit-fiel/],
  ])('%s: nothing is said of the audit, why is, and exit code 2', async (_what, args, says) => {
    expect(await verify(...args())).toEqual({ code: 2, out: '', err: expect.stringMatching(says) as string })
  })

  it('a database that does not answer: exit code 2, with a reason, also where every address of a host refuses', async () => {
    const { code, out, err } = await verify('--database-url', `postgres://vigil:x@localhost:${await freePort()}/vigil`)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^(The database could not be reached|DATABASE_AWAY): \S+/)
  })
})
