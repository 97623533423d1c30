import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ensureSecrets } from '../src/secrets.ts'

const emptyFolder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'vigil-secrets-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

describe('the secrets of an installation', () => {
  it('are made once, stay, and only their owner reads them', () => {
    const dir = emptyFolder()
    const first = ensureSecrets(dir)
    expect(first.pepper).toHaveLength(32)
    expect(ensureSecrets(dir)).toEqual(first)
    for (const file of readdirSync(join(dir, 'secrets'))) expect(statSync(join(dir, 'secrets', file)).mode & 0o077).toBe(0)
  })

  it('are the same for programs that start at the same moment', async () => {
    const dir = emptyFolder()
    const script = `import('${join(import.meta.dirname, '../src/secrets.ts')}').then((m) => process.stdout.write(m.ensureSecrets(process.argv[1]).services.bridge))`
    const runs = await Promise.all(Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, ['-e', script, dir])))
    expect(new Set(runs.map((r) => r.stdout)).size).toBe(1)
    expect(runs[0]?.stdout).toMatch(/^[\w-]{43}$/)
  })
})
