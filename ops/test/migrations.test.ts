import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog, systemClock } from '@vigil/program'
import { parseMigration, readMigrations, type Migration } from '../src/migrations/migration-files.ts'
import { migrationFolder, snapshotFile } from '../src/migrations/migration-folder.ts'
import { migrate, openMigrations } from '../src/migrations/migrate.ts'
import { describeSchema, schemaDifference } from '../src/migrations/schema-snapshot.ts'
import { withClient } from '../src/postgres/database.ts'
import { startTestPostgres, type TestPostgres } from '../src/testing/test-postgres.ts'
import { emptyFolder } from './support/folders.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres?.stop())

const run = (url: string, migrations: readonly Migration[], lockLimitMs?: number) => migrate({ url, migrations, clock: systemClock, log: silentLog, ...(lockLimitMs === undefined ? {} : { lockLimitMs }) })
const one = (name: string, sql: string) => parseMigration(`${name}.sql`, `-- breaking: no\n${sql}`)
const tables = (url: string) => withClient(url, async (client) => (await client.query<{ t: string }>(`select tablename as t from pg_tables where schemaname = 'public' order by 1`)).rows.map(({ t }) => t))

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(emptyFolder(), 'migrations')
  mkdirSync(folder)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return folder
}

describe('bringing a database up to date', () => {
  it('makes exactly the schema of the snapshot from nothing (npm run schema writes it anew)', async () => {
    expect(await describeSchema(await postgres.createDatabase())).toBe(readFileSync(snapshotFile, 'utf8'))
  })

  it('can make the same schema again from the snapshot alone', async () => {
    const url = await postgres.createEmptyDatabase()
    const snapshot = readFileSync(snapshotFile, 'utf8')
    await withClient(url, (client) => client.query(snapshot))
    expect(await describeSchema(url)).toBe(snapshot)
  })

  it('does nothing the second time', async () => {
    expect(await run(await postgres.createDatabase(), readMigrations(migrationFolder))).toEqual([])
  })

  it('applies each migration once when two programs start at the same moment', async () => {
    const url = await postgres.createEmptyDatabase()
    const migrations = [one('0001_a', 'create table a (n int);'), { ...one('0002_b', 'create index concurrently b on a (n);'), transaction: false }]
    const applied = await Promise.all([run(url, migrations), run(url, migrations), run(url, migrations)])
    expect(applied.flat()).toEqual(['0001_a', '0002_b'])
  })

  it('leaves nothing of a migration that fails, and says which file and line', async () => {
    const url = await postgres.createEmptyDatabase()
    const migrations = [one('0001_good', 'create table good (n int);'), one('0002_bad', 'create table half (n int);\ncreate table bad (n nonsense);')]
    await expect(run(url, migrations)).rejects.toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('0002_bad.sql failed at line 3') })
    expect(await tables(url)).toEqual(['good', 'vigil_migration'])
  })

  it('refuses an edited migration by name and changes nothing', async () => {
    const url = await postgres.createEmptyDatabase()
    await run(url, [one('0001_a', 'create table a (n int);')])
    await expect(run(url, [one('0001_a', 'create table a (n int8);'), one('0002_b', 'create table b (n int);')])).rejects.toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('0001_a.sql was edited') })
    expect(await tables(url)).toEqual(['a', 'vigil_migration'])
  })

  it('gives up after its time while another program holds the lock', async () => {
    const url = await postgres.createEmptyDatabase()
    await withClient(url, async (holder) => {
      await holder.query('select pg_advisory_lock(7233000)')
      await expect(run(url, [one('0001_a', 'select 1;')], 300)).rejects.toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('Another program') })
    })
    expect(await run(url, [one('0001_a', 'select 1;')])).toEqual(['0001_a'])
  })
})

describe('the ledger of migrations', () => {
  const files = [one('0001_a', 'a'), one('0002_b', 'b'), one('0003_c', 'c')]
  const done = (...names: string[]) => files.filter(({ name }) => names.includes(name))

  it('leaves what is still to be applied', () => {
    expect(openMigrations(files, done('0001_a')).map(({ name }) => name)).toEqual(['0002_b', '0003_c'])
  })

  it('refuses a database of a newer release', () => {
    expect(() => openMigrations(files.slice(0, 2), files)).toThrow(/newer/)
  })

  it('refuses a migration that slips in before one already applied', () => {
    expect(() => openMigrations(files, done('0001_a', '0003_c'))).toThrow(/0002_b\.sql comes before 0003_c/)
  })
})

describe('the migration files', () => {
  it.each([
    ['without the mark whether it is breaking', { '0001_a.sql': 'select 1;' }, /breaking/],
    ['with the mark only after SQL', { '0001_a.sql': 'select 1;\n-- breaking: no' }, /breaking/],
    ['with another name', { 'a.sql': '-- breaking: no' }, /not named/],
    ['with a gap in the numbers', { '0001_a.sql': '-- breaking: no', '0003_c.sql': '-- breaking: no' }, /0003_c\.sql should have number 0002/],
    ['with a number twice', { '0001_a.sql': '-- breaking: no', '0001_b.sql': '-- breaking: no' }, /0001_b\.sql should have number 0002/],
    ['that are not there', {}, /No migrations/],
  ])('are refused %s', (_, content, sentence) => {
    expect(() => readMigrations(folderWith(content as unknown as Record<string, string>))).toThrow(sentence)
  })

  it('read the same whatever line ends the checkout has', () => {
    expect(parseMigration('0001_a.sql', '-- breaking: yes\r\n-- no-transaction\r\nselect 1;\r\n')).toEqual(parseMigration('0001_a.sql', '-- breaking: yes\n-- no-transaction\nselect 1;\n'))
    expect(parseMigration('0001_a.sql', '-- breaking: yes\r\n-- no-transaction\r\n')).toMatchObject({ breaking: true, transaction: false })
  })
})

describe('a schema that drifted', () => {
  it('shows what is missing and what is too much', async () => {
    const url = await postgres.createDatabase()
    await withClient(url, (client) => client.query('drop index audit_by_time; alter table ward add column colour text'))
    const { missing, unexpected } = schemaDifference(readFileSync(snapshotFile, 'utf8'), await describeSchema(url))
    expect(missing.join('\n')).toContain('CREATE INDEX audit_by_time')
    expect(unexpected).toContain('  colour text')
  })

  it('is none while the bridge makes day partitions', async () => {
    const url = await postgres.createDatabase()
    await withClient(url, (client) => client.query(`select ensure_sample_partition(date '2026-11-21')`))
    expect(schemaDifference(readFileSync(snapshotFile, 'utf8'), await describeSchema(url))).toEqual({ missing: [], unexpected: [] })
  })
})
