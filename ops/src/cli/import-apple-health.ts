import { resolve } from 'node:path'
import { AppError, isAppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, systemClock, wordsOf } from '@vigil/program'
import { importAppleHealth, openExport } from '../apple-health/import-file.ts'
import { withEmbedded } from '../backup/embedded.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const settings = {
  databaseUrl,
  data,
  pgPort,
  logLevel: commonSettings.logLevel,
  patient: { env: 'VIGIL_PATIENT', kind: 'string', description: 'id of the patient the export is of' },
} as const satisfies Record<string, SettingSpec>
const SAY_EVERY_BYTES = 16 * 1024 * 1024

const [file = '', ...flags] = process.argv.slice(2)
const isHelp = file.startsWith('--')
const { values } = readSettings('vigil import:apple-health <export.xml, or - for standard input>', 'reads an export of Apple Health, of any size, into the tables a phone writes to', settings, isHelp ? [file, ...flags] : flags)

try {
  const { patient } = values
  if (file === '' || isHelp || patient === undefined) throw new AppError('SETTINGS_INVALID', 'Say which file and whose it is: npm run import:apple-health -- export.xml --patient <id>. From the zip: unzip -p export.zip apple_health_export/export.xml | npm run import:apple-health -- - --patient <id>')
  let said = 0
  const onProgress = (bytes: number, records: number): void => {
    if (bytes - said < SAY_EVERY_BYTES) return
    said = bytes
    process.stderr.write(`${(bytes / 1e6).toFixed(0)} MB, ${records} records\n`)
  }
  const input = file === '-' ? process.stdin : await openExport(file)
  const run = (url: string) => importAppleHealth({ databaseUrl: url, patientId: patient, input: input as AsyncIterable<Uint8Array>, clock: systemClock, onProgress })
  const report = values.databaseUrl === undefined ? await withEmbedded(resolve(values.data), values.pgPort, run) : await run(values.databaseUrl)
  const { stored, changed, unchanged, kept, refused, refusedBy } = report
  process.stdout.write(`${JSON.stringify({ stored, changed, unchanged, kept, refused, refusedBy })}\n`)
} catch (error) {
  process.stderr.write(isAppError(error) ? `${wordsOf(error)}\n` : `The import failed: ${wordsOf(error)}\n`)
  process.exitCode = isAppError(error) && error.code === 'SETTINGS_INVALID' ? 2 : 1
}
