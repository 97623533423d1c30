import { resolve } from 'node:path'
import { AppError, isAppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, systemClock } from '@vigil/program'
import { backup } from '../backup/backup.ts'
import { withEmbedded } from '../backup/embedded.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const settings = {
  databaseUrl,
  data,
  pgPort,
  logLevel: commonSettings.logLevel,
  out: { env: 'VIGIL_OUT', kind: 'string', description: 'folder to make; backup-<time> here unless told' },
} as const satisfies Record<string, SettingSpec>
const { values } = readSettings('vigil backup', 'saves the whole database, and the secrets of this data directory, while the ward runs', settings, process.argv.slice(2))

try {
  const into = resolve(values.out ?? `backup-${new Date(systemClock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`)
  const dataDir = resolve(values.data)
  const save = (url: string, files: string | undefined) => backup({ databaseUrl: url, into, dataDir: files, clock: systemClock })
  const manifest = values.databaseUrl === undefined ? await withEmbedded(dataDir, values.pgPort, (url) => save(url, dataDir)) : await save(values.databaseUrl, dataDir)
  const bytes = [...manifest.tables, ...manifest.files].reduce((sum, file) => sum + file.bytes, 0)
  process.stdout.write(`${into}\n${manifest.tables.length} tables, ${manifest.tables.reduce((sum, { rows }) => sum + rows, 0)} rows, ${manifest.files.length} files of secrets and TLS, ${(bytes / 1e6).toFixed(1)} MB.\nIt holds patients' data and the ward's secrets: keep it where only you can read it.\n`)
} catch (error) {
  process.stderr.write(isAppError(error) ? `${error.code}: ${error.message}\n` : `The backup failed: ${(error as Error).message}\n`)
  process.exitCode = error instanceof AppError && error.code === 'SETTINGS_INVALID' ? 2 : 1
}
