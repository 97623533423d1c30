import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '@vigil/program'
import { startTestPostgres, type TestPostgres, until } from '@vigil/ops/testing'
import { handBridge, type HandBridge } from '../../ingest-bridge/test/support/hand-bridge.ts'
import { backup } from '../../ops/src/backup/backup.ts'
import { assertWhole, readManifest } from '../../ops/src/backup/manifest.ts'
import { restoreDatabase } from '../../ops/src/backup/restore.ts'
import { migrationFolder } from '../../ops/src/migrations/migration-folder.ts'
import { readMigrations } from '../../ops/src/migrations/migration-files.ts'
import { withClient } from '../../ops/src/postgres/database.ts'

let postgres: TestPostgres
let folder: string
beforeAll(async () => {
  postgres = await startTestPostgres()
  folder = mkdtempSync(join(tmpdir(), 'vigil-restore-'))
})
afterAll(async () => {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const samples = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => ({ e: 'e1', s: from + i, t: Date.now() - 3_600_000 + (from + i) * 1_000, m: { pr: 60 + ((from + i) % 30) } }))
const settled = (hand: HandBridge) => until('every message to be settled', 15_000, () => (hand.source.unsettled() === 0 ? true : undefined))
const held = async (url: string) =>
  withClient(url, async (client) => (await client.query<{ got: string; open: string; closed: string }>(`select got::text, (select count(*) from sample) as open, (select coalesce(sum(n), 0) from segment) as closed from ledger`)).rows[0])

it('after a restore a board is asked for what the backup did not have, and ends complete, each sample once', async () => {
  const url = await postgres.createDatabase()
  await withClient(url, (client) => client.query(`insert into device (id, secret_mac) values ('board-1', '\\x00')`))
  const before = handBridge(url, { closeAfterMs: 600_000 })
  before.source.deliver('board-1', 'tele', samples(1, 300))
  await settled(before)
  await before.bridge.closeNow()
  const into = join(folder, 'saved')
  await backup({ databaseUrl: url, into, clock: systemClock })
  before.source.deliver('board-1', 'tele', samples(301, 500))
  await settled(before)
  await before.stop()

  const restored = await postgres.createEmptyDatabase()
  const manifest = readManifest(into)
  await assertWhole(into, manifest)
  await restoreDatabase({ databaseUrl: restored, from: into, manifest, migrations: readMigrations(migrationFolder), clock: systemClock })
  expect(await held(restored)).toEqual({ got: '{[1,301)}', open: '0', closed: '300' })

  const after = handBridge(restored, { closeAfterMs: 600_000 })
  // The board remembers the receipt of 500: more than the restored ledger holds.
  after.source.deliver('board-1', 'state', { st: 'online', e: 'e1', upto: 500 })
  const receipt = await until('the rewind', 15_000, () => after.source.receipts.find(({ rewind }) => rewind !== undefined))
  expect(receipt).toMatchObject({ e: 'e1', upto: 300, rewind: 301 })
  // It sends from there on, and a little before, as boards do.
  after.source.deliver('board-1', 'backlog', samples(290, 500))
  await settled(after)
  await after.bridge.closeNow()
  expect(await held(restored)).toEqual({ got: '{[1,501)}', open: '0', closed: '500' })
  await after.stop()
})
