import { resolve } from 'node:path'
import { isAppError } from '@vigil/contract'
import { createLog, readSettings, systemClock, commonSettings, wordsOf } from '@vigil/program'
import { migrate } from '../migrations/migrate.ts'
import { readMigrations } from '../migrations/migration-files.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const { values } = readSettings('vigil migrate', 'brings the database to the newest migration; npm start does this by itself', { databaseUrl, data, pgPort, logLevel: commonSettings.logLevel }, process.argv.slice(2))
const password = readPassword(resolve(values.data), 'vigil')
const url = values.databaseUrl ?? (password === undefined ? undefined : embeddedUrl('vigil', password, values.pgPort))

if (url === undefined) {
  process.stderr.write('There is no database yet. Run npm start once, or set DATABASE_URL.\n')
  process.exit(2)
}
try {
  const applied = await migrate({ url, migrations: readMigrations(migrationFolder), clock: systemClock, log: createLog('migrate', values.logLevel) })
  process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`)
} catch (error) {
  process.stderr.write(isAppError(error) ? `${wordsOf(error)}\n` : `The database could not be reached: ${wordsOf(error)}\n`)
  process.exit(1)
}
