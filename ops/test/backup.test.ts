import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { systemClock } from '@vigil/program'
import { backup } from '../src/backup/backup.ts'
import { assertWhole, MANIFEST, readManifest } from '../src/backup/manifest.ts'
import { restoreDatabase, restoreFiles } from '../src/backup/restore.ts'
import { readMigrations } from '../src/migrations/migration-files.ts'
import { migrationFolder } from '../src/migrations/migration-folder.ts'
import { describeSchema } from '../src/migrations/schema-snapshot.ts'
import { withClient } from '../src/postgres/database.ts'
import { startTestPostgres, type TestPostgres } from '../src/testing/test-postgres.ts'
import { emptyFolder } from './support/folders.ts'

let postgres: TestPostgres
let full: string
let folder: string
let kept: string
const migrations = readMigrations(migrationFolder)
const clock = manualClock(Date.UTC(2026, 2, 5))

beforeAll(async () => {
  postgres = await startTestPostgres()
  full = await postgres.createDatabase()
  await withClient(full, async (client) => {
    await client.query(`insert into device (id, secret_mac) select 'd' || n, '\\x00' from generate_series(1, 3) n`)
    await client.query(`select ensure_sample_partition(d::date), ensure_segment_partition(d::date) from generate_series(date '2026-02-27', '2026-03-03', '1 day') d`)
    await client.query(`insert into ledger (device_no, epoch, got, lost) select no, 'e' || no, '{[1,4000),[5000,6000)}', '{[4000,4100)}' from device`)
    await client.query(
      `insert into sample (t, seq, device_no, ledger_no, lag_ms, pr, spo2, quality, other)
       select '2026-02-28 12:00Z'::timestamptz + s * interval '1 minute', s, l.device_no, l.no, 40, 60 + s % 7, 97.3, '\\x0301', '{"m": {"batt": 87.5}}' from ledger l, generate_series(1, 3999) s`,
    )
    await client.query(
      `insert into segment (device_no, hour, n, late, first_t, last_t, ledgers, seq_from, seq_to, t, seq, ledger_no, lag_ms, flags, pr)
       select no, '2026-03-01 10:00Z', 1, 0, '2026-03-01 10:00Z', '2026-03-01 10:00Z', '{1}', '{1}', '{1}', '\\x01', '\\x02', '\\x03', '\\x04', '\\x05', decode(repeat('ab', 9000), 'hex') from device`,
    )
    await client.query(`insert into audit (username, role, action) values ('admin', 'admin', 'session.open')`)
  })
  kept = mkdtempSync(join(tmpdir(), 'vigil-backup-'))
  folder = join(kept, 'saved')
  await backup({ databaseUrl: full, into: folder, clock })
})
afterAll(async () => {
  await postgres?.stop()
  rmSync(kept, { recursive: true, force: true })
})

/** Every row of every table as text, whatever its order. */
async function everything(url: string): Promise<Record<string, string>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(`select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'vigil_migration'`)
    const found: Record<string, string> = {}
    for (const { name } of rows) found[name] = (await client.query<{ sum: string }>(`select count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '') as sum from "${name}" r`)).rows[0]?.sum ?? ''
    return found
  })
}
const restoreInto = (url: string, from = folder) => restoreDatabase({ databaseUrl: url, from, manifest: readManifest(from), migrations, clock: systemClock })

describe('a backup', () => {
  it('brings every row of every table back, into a server that has nothing', async () => {
    const url = await postgres.createEmptyDatabase()
    await assertWhole(folder, readManifest(folder))
    await restoreInto(url)
    expect(await everything(url)).toEqual(await everything(full))
    expect(await describeSchema(url)).toBe(await describeSchema(full))
  })

  it('goes on where numbers were left off', async () => {
    const url = await postgres.createEmptyDatabase()
    await restoreInto(url)
    const [row] = (await withClient(url, (client) => client.query<{ no: number }>(`insert into device (id, secret_mac) values ('new', '\\x00') returning no`))).rows
    expect(row?.no).toBe(4)
  })

  it('is of one moment: what is written meanwhile is in it whole or not at all', async () => {
    const into = join(emptyFolder(), 'live')
    const writing = { on: true }
    const writer = (async () => {
      for (let n = 0; writing.on; n++) {
        await withClient(full, async (client) => {
          await client.query('begin')
          await client.query(`insert into device (id, secret_mac) values ($1, '\\x00')`, [`w${n}`])
          await client.query(`insert into ledger (device_no, epoch) select no, 'w' from device where id = $1`, [`w${n}`])
          await client.query('commit')
        })
      }
    })()
    await backup({ databaseUrl: full, into, clock })
    writing.on = false
    await writer
    const { tables } = readManifest(into)
    const rowsOf = (name: string) => tables.find((table) => table.name === name)?.rows
    expect(rowsOf('device')).toBe(rowsOf('ledger'))
    const url = await postgres.createEmptyDatabase()
    await restoreInto(url, into)
  })

  it('is not written over, and not restored over anything', async () => {
    await expect(backup({ databaseUrl: full, into: folder, clock })).rejects.toMatchObject({ code: 'BACKUP_TARGET' })
    const url = await postgres.createDatabase()
    await withClient(url, (client) => client.query(`insert into ward (id, name) values ('icu', 'ICU')`))
    const before = await everything(url)
    await expect(restoreInto(url)).rejects.toMatchObject({ code: 'BACKUP_TARGET', message: expect.stringContaining('rows in ward') })
    expect(await everything(url)).toEqual(before)
  })

  it('that is damaged, broken off or of a newer release is refused before anything is changed', async () => {
    const damaged = join(emptyFolder(), 'damaged')
    await backup({ databaseUrl: full, into: damaged, clock })
    appendFileSync(join(damaged, 'ledger.copy.gz'), 'x')
    await expect(assertWhole(damaged, readManifest(damaged))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', details: { path: 'ledger.copy.gz' } })
    expect(() => readManifest(emptyFolder())).toThrowError(expect.objectContaining({ code: 'BACKUP_DAMAGED' }))
    const manifest = readManifest(folder)
    const newer = { ...manifest, migrations: [...manifest.migrations, { name: '9999_future', sha256: 'x' }] }
    const url = await postgres.createEmptyDatabase()
    await expect(restoreDatabase({ databaseUrl: url, from: folder, manifest: newer, migrations, clock: systemClock })).rejects.toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('newer') })
    expect(await everything(url)).toEqual({})
    writeFileSync(join(damaged, MANIFEST), JSON.stringify({ ...manifest, format: 99 }))
    expect(() => readManifest(damaged)).toThrowError(expect.objectContaining({ code: 'BACKUP_DAMAGED' }))
  })

  it('of a ward brings its secrets along, and never over others', async () => {
    const [data, other] = [emptyFolder(), join(emptyFolder(), 'data')]
    mkdirSync(join(data, 'secrets'))
    writeFileSync(join(data, 'secrets', 'pepper'), 'hot')
    const into = join(emptyFolder(), 'ward')
    await backup({ databaseUrl: full, into, dataDir: data, clock })
    const manifest = readManifest(into)
    await assertWhole(into, manifest)
    restoreFiles(into, manifest, other)
    expect(readFileSync(join(other, 'secrets', 'pepper'), 'utf8')).toBe('hot')
    expect(() => restoreFiles(into, manifest, data)).toThrowError(expect.objectContaining({ code: 'BACKUP_TARGET' }))
    expect(existsSync(join(data, 'tls'))).toBe(false)
  }, 90_000)
})
