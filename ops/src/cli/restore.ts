import { resolve } from 'node:path'
import { AppError, isAppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, systemClock } from '@vigil/program'
import { withEmbedded } from '../backup/embedded.ts'
import { assertWhole, readManifest } from '../backup/manifest.ts'
import { assertKnownSchema, restoreDatabase, restoreFiles } from '../backup/restore.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { readMigrations } from '../migrations/migration-files.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const settings = {
  databaseUrl,
  data,
  pgPort,
  logLevel: commonSettings.logLevel,
  from: { env: 'VIGIL_FROM', kind: 'string', description: 'folder that npm run backup made' },
} as const satisfies Record<string, SettingSpec>
const { values } = readSettings('vigil restore', 'fills an empty database, and an empty data directory, with a backup', settings, process.argv.slice(2))

try {
  if (values.from === undefined) throw new AppError('SETTINGS_INVALID', 'Which backup? Name its folder with --from.')
  const [from, dataDir] = [resolve(values.from), resolve(values.data)]
  const migrations = readMigrations(migrationFolder)
  const manifest = readManifest(from)
  assertKnownSchema(manifest, migrations)
  await assertWhole(from, manifest)
  const fill = (url: string) => restoreDatabase({ databaseUrl: url, from, manifest, migrations, clock: systemClock })
  if (values.databaseUrl === undefined) {
    restoreFiles(from, manifest, dataDir)
    await withEmbedded(dataDir, values.pgPort, fill)
  } else {
    await fill(values.databaseUrl)
    restoreFiles(from, manifest, dataDir)
  }
  process.stdout.write(`Restored ${manifest.tables.reduce((sum, { rows }) => sum + rows, 0)} rows of ${manifest.madeAt}. Start the ward with npm start: boards are asked for what they measured since.\n`)
} catch (error) {
  process.stderr.write(isAppError(error) ? `${error.code}: ${error.message}\n` : `The restore failed: ${(error as Error).message}\n`)
  process.exitCode = isAppError(error) && error.code === 'SETTINGS_INVALID' ? 2 : 1
}
