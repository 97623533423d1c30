import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog, systemClock } from '@vigil/program'
import { readMigrations } from '../migrations/migration-files.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { migrate } from '../migrations/migrate.ts'
import { withClient } from '../postgres/database.ts'
import { startPostgres, type RunningPostgres } from '../postgres/start-postgres.ts'

/** A real PostgreSQL for tests, with as many ready-made databases as they like. */
export interface TestPostgres {
  readonly port: number
  readonly server: RunningPostgres
  /** Address of a new database that has every migration; takes some 30 ms. */
  createDatabase(): Promise<string>
  /** Address of a new database with nothing in it. */
  createEmptyDatabase(): Promise<string>
  stop(): Promise<void>
}

/** Tests end with their data, so nothing needs to survive a power cut. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'log_min_messages=fatal']

/** Starts a server of its own on a free port, in a folder that goes with it; about a second. */
export async function startTestPostgres(options: { migrations?: string } = {}): Promise<TestPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vigil-test-postgres-'))
  const server = await startPostgres({ dataDir, port: await freePort(), clock: systemClock, log: silentLog, settings: FAST })
  // A test run that is ended half way must not leave its server behind.
  const lastResort = () => process.kill(server.pid, 'SIGQUIT')
  process.once('exit', lastResort)
  const pattern = addressOf(server.url, 'pattern')
  await createFrom(server, 'pattern', 'template1')
  await migrate({ url: pattern, migrations: readMigrations(options.migrations ?? migrationFolder), clock: systemClock, log: silentLog })
  let count = 0
  const create = async (template: string) => {
    const name = `test_${++count}`
    await createFrom(server, name, template)
    return addressOf(server.url, name)
  }
  return {
    port: server.port,
    server,
    createDatabase: () => create('pattern'),
    createEmptyDatabase: () => create('template1'),
    async stop() {
      process.off('exit', lastResort)
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function createFrom(server: RunningPostgres, name: string, template: string): Promise<void> {
  await withClient(server.superuserUrl, (client) => client.query(`create database ${name} template ${template} owner vigil`))
}

function addressOf(url: string, database: string): string {
  const address = new URL(url)
  address.pathname = `/${database}`
  return address.href
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
