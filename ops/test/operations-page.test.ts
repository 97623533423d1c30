import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { knownSettings } from '@vigil/contract'
import { houseRoot } from '../src/migrations/migration-folder.ts'
import { startSettings } from '../src/start/settings.ts'

const page = readFileSync(join(houseRoot, 'docs/operations.md'), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| `VIGIL_') || line.startsWith('| `DATABASE_URL'))
const inTable = new Map(
  rows.flatMap((row) => {
    const [, names = '', fallback = ''] = row.split('|').map((cell) => cell.trim())
    return [...names.matchAll(/`([A-Z_]+)`/g)].map((name) => [name[1] ?? '', fallback.replaceAll('`', '')] as const)
  }),
)
const run = promisify(execFile)

describe('the operations page', () => {
  it.each([
    'ops/src/cli/start.ts',
    'ops/src/cli/postgres.ts',
    'ops/src/cli/demo-ward.ts',
    'ops/src/cli/doctor.ts',
    'ops/src/cli/migrate.ts',
    'broker/src/cli/main.ts',
    'ingest-bridge/src/cli/main.ts',
    'central-station/src/cli/main.ts',
  ])('names every setting of %s', async (entry) => {
    const { stdout } = await run(process.execPath, [join(houseRoot, entry), '--help'], { env: { PATH: process.env['PATH'] } })
    const settings = [...stdout.matchAll(/^ {2}--\S+ +([A-Z][A-Z_]+) /gm)].map((match) => match[1] ?? '')
    expect(settings.length).toBeGreaterThan(1)
    expect(settings.filter((setting) => !inTable.has(setting))).toEqual([])
  })

  it('gives the defaults npm start really has', () => {
    for (const spec of Object.values(startSettings)) {
      if ('default' in spec) expect(inTable.get(spec.env), spec.env).toBe(String(spec.default))
    }
  })

  it('names no setting that no program knows', () => {
    const named = new Set([...page.matchAll(/VIGIL_[A-Z_]+/g)].map((match) => match[0]))
    expect([...named].filter((name) => !knownSettings.has(name))).toEqual([])
  })
})
