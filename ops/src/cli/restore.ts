import { resolve } from 'node:path'
import { AppError } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { runBackupCommand } from '../backup/command.ts'
import { assertWhole, readManifest } from '../backup/manifest.ts'
import { assertKnownSchema, restoreDatabase, restoreFiles } from '../backup/restore.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { readMigrations } from '../migrations/migration-files.ts'

await runBackupCommand({
  name: 'restore',
  purpose: 'fills an empty database, and an empty data directory, with a backup',
  folder: { env: 'VIGIL_FROM', kind: 'string', description: 'folder that npm run backup made' },
  async run({ folder, dataDir, databaseUrl, onEmbedded }) {
    if (folder === undefined) throw new AppError('SETTINGS_INVALID', 'Which backup? Name its folder with --from.')
    const from = resolve(folder)
    const migrations = readMigrations(migrationFolder)
    const manifest = readManifest(from)
    assertKnownSchema(manifest, migrations)
    await assertWhole(from, manifest)
    const fill = (url: string) => restoreDatabase({ databaseUrl: url, from, manifest, migrations, clock: systemClock })
    if (databaseUrl === undefined) {
      restoreFiles(from, manifest, dataDir)
      await onEmbedded(fill)
    } else {
      await fill(databaseUrl)
      restoreFiles(from, manifest, dataDir)
    }
    return `Restored ${manifest.tables.reduce((sum, { rows }) => sum + rows, 0)} rows of ${manifest.madeAt}. Start the ward with npm start: boards are asked for what they measured since.\n`
  },
})
