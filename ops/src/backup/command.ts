import { resolve } from 'node:path'
import { isAppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, wordsOf } from '@vigil/program'
import { startSettings } from '../start/settings.ts'
import { withEmbedded } from './embedded.ts'

/** What backup and restore are told alike. */
export interface BackupCommand {
  /** The folder of the backup, if one was named. */
  readonly folder: string | undefined
  readonly dataDir: string
  /** The database of one's own, if there is one; otherwise that of the data directory. */
  readonly databaseUrl: string | undefined
  /** Runs on the database of the data directory, started for it if need be. */
  readonly onEmbedded: <T>(run: (url: string) => Promise<T>) => Promise<T>
}

export interface BackupCommandOptions {
  readonly name: 'backup' | 'restore'
  readonly purpose: string
  /** The setting that names the folder. */
  readonly folder: SettingSpec & { readonly kind: 'string' }
  /** Answers what to print. */
  readonly run: (command: BackupCommand) => Promise<string>
}

/** Reads the command line, runs, and says what came of it: exit code 1 when it failed, 2 for a wrong option. */
export async function runBackupCommand({ name, purpose, folder, run }: BackupCommandOptions): Promise<void> {
  const { databaseUrl, data, pgPort } = startSettings
  const key = name === 'backup' ? 'out' : 'from'
  const { values } = readSettings(`vigil ${name}`, purpose, { databaseUrl, data, pgPort, logLevel: commonSettings.logLevel, [key]: folder }, process.argv.slice(2))
  const dataDir = resolve(values.data)
  const named = (values as Readonly<Record<string, unknown>>)[key] as string | undefined
  try {
    process.stdout.write(await run({ folder: named, dataDir, databaseUrl: values.databaseUrl, onEmbedded: (work) => withEmbedded(dataDir, values.pgPort, work) }))
  } catch (error) {
    process.stderr.write(isAppError(error) ? `${wordsOf(error)}\n` : `The ${name} failed: ${wordsOf(error)}\n`)
    process.exitCode = isAppError(error) && error.code === 'SETTINGS_INVALID' ? 2 : 1
  }
}
