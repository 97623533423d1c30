import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'vigil-program-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const script = join(dir, 'program.mjs')
writeFileSync(
  script,
  `import { runProgram } from '${join(import.meta.dirname, '../src/index.ts')}'
import { AppError } from '${join(import.meta.dirname, '../../contract/src/index.ts')}'
await runProgram({
  name: 'vigil-x', purpose: 'tries the life of a program',
  settings: { port: { env: 'VIGIL_HTTP_PORT', kind: 'integer', default: 1, min: 0, max: 10, description: 'a port' }, password: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'a secret' } },
  start: async ({ settings }) => {
    if (settings.port === 9) throw new AppError('PORT_TAKEN', 'Port 9 is in use by another program.')
    const timer = setInterval(() => {}, 1000)
    return { ready: { http: settings.port }, stop: async () => { if (settings.port === 5) await new Promise(() => {}); clearInterval(timer); process.stdout.write('let go\\n') } }
  },
})`,
)

function run(args: string[], env: Record<string, string> = {}, onReady?: (kill: (signal: NodeJS.Signals) => void) => void) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } })
    let [out, err] = ['', '']
    child.stdout.on('data', (d: Buffer) => {
      out += d.toString()
      if (out.includes('"ready":true')) onReady?.((signal) => child.kill(signal))
    })
    child.stderr.on('data', (d: Buffer) => { err += d.toString() })
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

describe('a program', () => {
  it('says it is ready in one line, and lets go in order on SIGTERM', async () => {
    const { code, out } = await run(['--http-port', '7'], {}, (kill) => kill('SIGTERM'))
    expect(out).toBe('{"ready":true,"program":"vigil-x","http":7}\nlet go\n')
    expect(code).toBe(0)
  })
  it('fails with exit code 1 and the code of the error', async () => {
    const { code, out, err } = await run(['--http-port', '9'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/PORT_TAKEN.*Port 9 is in use/)
  })
  it('never ends with a failure and no word: a stop that takes too long says so', { timeout: 30_000 }, async () => {
    const { code, err } = await run(['--http-port', '5'], {}, (kill) => kill('SIGTERM'))
    expect(code).toBe(1)
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/"why":"SIGTERM".*program\.stop_too_slow/)
  })
  it('refuses wrong settings with exit code 2', async () => {
    const { code, err } = await run(['--colour', 'red'], { VIGIL_HTP_PORT: '1' })
    expect(code).toBe(2)
    expect(err).toMatch(/--colour[\s\S]*VIGIL_HTP_PORT/)
  })
  it('explains itself, and shows where each value came from without secrets', async () => {
    expect((await run(['--help'])).out).toContain('VIGIL_HTTP_PORT')
    const { out } = await run(['--print-config'], { VIGIL_ADMIN_PASSWORD: 'hunter22hunter22' })
    expect(out).toBe('VIGIL_HTTP_PORT=1  (default)\nVIGIL_ADMIN_PASSWORD=[secret]  (environment)\n')
  })
})
