import { chmodSync, copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import type pg from 'pg'
import { AppError, type Clock } from '@vigil/contract'
import { silentLog } from '@vigil/program'
import { migrate, openMigrations, readApplied } from '../migrations/migrate.ts'
import type { Migration } from '../migrations/migration-files.ts'
import { withClient } from '../postgres/database.ts'
import { COPY_LIMIT_MS, KEPT_FOLDERS } from './backup.ts'
import { CopyFromUs } from './copy-stream.ts'
import type { Manifest, SavedTable } from './manifest.ts'

export interface RestoreOptions {
  readonly databaseUrl: string
  readonly from: string
  readonly manifest: Manifest
  readonly migrations: readonly Migration[]
  readonly clock: Clock
}

/** What the backup needs of this release. @throws AppError `MIGRATION_FAILED` when a newer one made it */
export function assertKnownSchema(manifest: Manifest, migrations: readonly Migration[]): void {
  openMigrations(migrations, manifest.migrations)
}

/**
 * Fills an empty database with a backup: its schema of then, its rows, counted. All of the rows or none of them; the files must have
 * been looked at before (`assertWhole`). Later migrations follow at the next start.
 * @throws AppError `BACKUP_TARGET` when anything stands in the database
 */
export async function restoreDatabase({ databaseUrl, from, manifest, migrations, clock }: RestoreOptions): Promise<void> {
  assertKnownSchema(manifest, migrations)
  await assertEmpty(databaseUrl, manifest)
  const then = migrations.slice(0, manifest.migrations.length)
  await migrate({ url: databaseUrl, migrations: then, clock, log: silentLog })
  await withClient(databaseUrl, async (client) => {
    await client.query('begin')
    for (const table of manifest.tables) await fillTable(client, table, from)
    for (const [name, last] of Object.entries(manifest.sequences)) await client.query('select setval($1::regclass, $2)', [name, last])
    await client.query('commit')
    await client.query('analyze')
  }, COPY_LIMIT_MS)
}

async function fillTable(client: pg.Client, { name, columns, partitions, rows, path }: SavedTable, from: string): Promise<void> {
  const table = client.escapeIdentifier(name)
  for (const day of partitions) await client.query(`select ${client.escapeIdentifier(`ensure_${name}_partition`)}($1::date)`, [day])
  const source = createReadStream(join(from, path)).pipe(createGunzip())
  await client.query(new CopyFromUs(`copy ${table} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')}) from stdin (format binary)`, source)).done
  const { rows: [counted] } = await client.query<{ n: string }>(`select count(*) as n from ${table}`)
  if (Number(counted?.n) !== rows) throw new AppError('BACKUP_DAMAGED', `${name} has ${counted?.n} rows and should have ${rows}. Nothing was restored.`)
}

async function assertEmpty(databaseUrl: string, manifest: Manifest): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'vigil_migration'`)
    for (const { name } of rows) {
      const { rows: [found] } = await client.query<{ filled: boolean }>(`select exists (select from ${client.escapeIdentifier(name)}) as filled`)
      if (found?.filled) throw new AppError('BACKUP_TARGET', `The database is not empty: there are rows in ${name}. Restore into a database of its own; nothing was changed.`)
    }
    if (rows.length === 0) return
    const applied = await readApplied(client)
    if (applied.length > manifest.migrations.length) throw new AppError('BACKUP_TARGET', 'The database has tables of a newer schema than the backup. Restore into one without tables; nothing was changed.')
  })
}

/** Puts secrets and TLS files back, before the first start of a data directory. @throws AppError `BACKUP_TARGET` when there are some */
export function restoreFiles(from: string, manifest: Manifest, dataDir: string): void {
  for (const folder of [...KEPT_FOLDERS, 'postgres']) {
    const there = join(dataDir, folder)
    if (existsSync(there) && readdirSync(there).length > 0) throw new AppError('BACKUP_TARGET', `${there} is there already. Restore into a data directory of its own (VIGIL_DATA); nothing was changed.`)
  }
  for (const { path } of manifest.files) {
    const to = join(dataDir, path)
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    copyFileSync(join(from, path), to)
    chmodSync(to, 0o600)
  }
}
