import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { migrate, withClient } from './migrate.ts'
import type { PostgresServer } from './postgres-server.ts'
import { until } from './until.ts'

export interface TestDatabase {
  readonly url: string
  query<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** Registers a device; answers its number. */
  register(device: string, site?: string): Promise<number>
  close(): Promise<void>
}

/** A migrated database of this test file's own, on the run's one server. */
export async function freshDatabase(): Promise<TestDatabase> {
  const port = await sharedServer()
  const name = `t_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
  const url = (database: string) => `postgres://vigil@127.0.0.1:${port}/${database}`
  await withClient(url('postgres'), (client) => client.query(`create database ${name} template template_vigil`))
  return openDatabase(url(name))
}

/** A migrated database on a server of its own, for tests that stop it. */
export async function databaseOn(server: PostgresServer): Promise<TestDatabase> {
  await withClient(server.url('postgres'), (client) => client.query('create database vigil'))
  await migrate(server.url('vigil'))
  return openDatabase(server.url('vigil'))
}

function openDatabase(url: string): TestDatabase {
  let client: Client | undefined
  const connected = async (): Promise<Client> => {
    if (client) return client
    const made = new Client({ connectionString: url, query_timeout: 15_000, connectionTimeoutMillis: 5_000 })
    const drop = () => {
      if (client === made) client = undefined
    }
    made.on('error', drop)
    made.on('end', drop)
    await made.connect()
    client = made
    return made
  }
  const query = async <R>(text: string, values: readonly unknown[] = []): Promise<R[]> => (await (await connected()).query(text, [...values])).rows as R[]
  return {
    url,
    query,
    async register(device, site = 'main') {
      const [row] = await query<{ no: number }>(`insert into device (id, site, secret_mac) values ($1, $2, '\\x00') returning no`, [device, site])
      return (row as { no: number }).no
    },
    close: async () => client?.end(),
  }
}

/** The server of this test run: the first file to ask starts its keeper, the others wait for it. */
async function sharedServer(): Promise<number> {
  const folder = join(tmpdir(), `vigil-bridge-tests-${process.ppid}`)
  const ready = join(folder, 'server.json')
  if (!existsSync(folder)) {
    try {
      mkdirSync(folder)
      spawn(process.execPath, [join(dirname(fileURLToPath(import.meta.url)), 'postgres-keeper.ts'), String(process.ppid), folder], { detached: true, stdio: 'ignore' }).unref()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  await until(() => existsSync(ready), 'PostgreSQL for the tests to start', 50_000)
  return (JSON.parse(readFileSync(ready, 'utf8')) as { port: number }).port
}
