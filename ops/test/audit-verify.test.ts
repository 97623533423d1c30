import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeExport } from '@vigil/central-station/signed-export'
import { ensureSigningKey, publicPem } from '@vigil/program'

const data = mkdtempSync(join(tmpdir(), 'vigil-verify-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

const at = (name: string, content: string) => {
  writeFileSync(join(data, name), content)
  return join(data, name)
}
const verify = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, '../src/cli/audit-verify.ts'), '--data', data, ...args], (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }))
  })

it('a signed export is checked without a database: true, tampered, of another key, and not to be had', async () => {
  const text = writeExport(ensureSigningKey(data), { exportedAt: '2026-07-14T02:14:07.000Z', exportedBy: 'aud', role: 'auditor', filter: {}, chain: { seq: 0, hash: '' } }, [])
  const file = at('audit.jsonl', text)
  const other = at('other.pem', publicPem(generateKeyPairSync('ed25519').publicKey))
  const answers = await Promise.all([verify('--audit-file', file), verify('--audit-file', at('changed.jsonl', text.replace('aud', 'Aud'))), verify('--audit-file', file, '--audit-key', other), verify('--audit-file', join(data, 'none.jsonl'))])
  expect(answers.map(({ code }) => code)).toEqual([0, 1, 1, 2])
  expect(answers.map(({ said }) => said)).toEqual([expect.stringContaining('True: 0 entries, exported by aud'), expect.stringContaining('(tampered)'), expect.stringContaining('(other key)'), expect.stringContaining('cannot be read')])
})
