import type { SettingSpec } from '@vigil/contract'
import { readSettings, systemClock, wordsOf } from '@vigil/program'
import { runMonitors } from '../hl7/run-monitors.ts'

const settings = {
  host: { env: 'VIGIL_MLLP_HOST', kind: 'string', default: '127.0.0.1', description: 'machine of the HL7 listener' },
  port: { env: 'VIGIL_MLLP_PORT', kind: 'integer', min: 1, max: 65_535, default: 2575, description: 'its port' },
  beds: { env: 'VIGIL_HL7_BEDS', kind: 'integer', min: 1, max: 200, default: 4, description: 'monitors, each with a message a second' },
  seconds: { env: 'VIGIL_SECONDS', kind: 'integer', min: 1, max: 86_400, default: 60, description: 'how long they send' },
  wave: { env: 'VIGIL_HL7_WAVE', kind: 'boolean', default: false, description: 'a second of plethysmogram with each message' },
} as const satisfies Record<string, SettingSpec>

const { values } = readSettings('vigil hl7-send', 'simulated bedside monitors that send HL7 v2 (IHE PCD-01) over MLLP, and what was answered', settings, process.argv.slice(2))
try {
  const report = await runMonitors({ ...values, clock: systemClock, tell: (line) => void process.stderr.write(`${line}\n`) })
  process.stdout.write(`${JSON.stringify(report)}\n`)
  const good = (report.answers['AA'] ?? 0) + (report.answers['CA'] ?? 0)
  if (good < report.sent) process.stderr.write(`${report.sent - good} of ${report.sent} messages were not taken\n`)
  process.exit(good === report.sent ? 0 : 1)
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`)
  process.exit(1)
}
