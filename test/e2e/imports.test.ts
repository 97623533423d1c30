import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/ward.ts'

const cruise = (paths: string[]) =>
  promisify(execFile)(join(ROOT, 'node_modules/.bin/depcruise'), ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths], { cwd: ROOT, maxBuffer: 1 << 28 })
    .catch((error: { stdout: string }) => error)
    .then(({ stdout }) => (JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }).summary.violations.map((v) => v.rule.name))

const planted = [
  ['broker/src/planted.ts', "import '../../ingest-bridge/src/index.ts'\n", 'broker-sees-only-its-own'],
  ['contract/src/planted.ts', "import 'node:fs'\n", 'contract-is-pure'],
  ['edge-agent/src/signals/planted.ts', "import 'node:fs'\n", 'agent-core-runs-without-node'],
  ['edge-agent/src/sensors/planted.ts', "import 'mqtt'\n", 'only-link-sees-mqtt'],
  ['central-station/src/http/planted.ts', "import 'pg'\n", 'only-stores-see-pg'],
  ['web-client/src/ui/planted.ts', "import '../live/planted-too.ts'\n", 'ui-sees-no-features'],
  ['broker/src/planted.ts', "import '@vigil/ops/testing'\n", 'only-tests-see-testing'],
] as const

describe('the import rules', () => {
  it.each(planted)('notice %s', async (path, source, rule) => {
    const file = join(ROOT, path)
    const other = join(ROOT, 'web-client/src/live/planted-too.ts')
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, source)
    writeFileSync(other, 'export {}\n')
    try {
      expect(await cruise([path])).toContain(rule)
    } finally {
      rmSync(file)
      rmSync(other)
    }
  })
})
