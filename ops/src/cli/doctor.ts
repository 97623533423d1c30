import { resolve } from 'node:path'
import { readSettings, systemClock } from '@vigil/program'
import { examine } from '../doctor/examine.ts'
import { isHealthy, toText } from '../doctor/finding.ts'
import { houseRoot } from '../migrations/migration-folder.ts'
import { startSettings } from '../start/settings.ts'

const json = { env: 'VIGIL_JSON', kind: 'boolean', default: false, description: 'answer one JSON object instead of text' } as const
const { values: settings } = readSettings('vigil doctor', 'looks at everything a ward needs, says what it found and what to do; changes nothing', { ...startSettings, json }, process.argv.slice(2))

const findings = await examine({ root: houseRoot, dataDir: resolve(settings.data), settings, clock: systemClock, path: process.env['PATH'] ?? '' })
process.stdout.write(settings.json ? `${JSON.stringify({ ok: isHealthy(findings), findings })}\n` : toText(findings))
process.exit(isHealthy(findings) ? 0 : 1)
