import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAppError } from '@vigil/contract'
import { silentLog, systemClock } from '@vigil/program'
import { readMigrations } from '../migrations/migration-files.ts'
import { migrationFolder } from '../migrations/migration-folder.ts'
import { migrate } from '../migrations/migrate.ts'
import { withClient } from '../postgres/database.ts'
import { startPostgres, type RunningPostgres } from '../postgres/start-postgres.ts'
import { sendSignal } from '../process/end.ts'
import { freePort } from './free-port.ts'
import { armLastResort } from './last-resort.ts'
import { signalFamily } from './process-family.ts'
import { admitWithoutPasswords } from './without-passwords.ts'

export { freePort }

/** A real PostgreSQL for tests, with as many ready-made databases as they like, that can be taken away and given back. */
export interface TestPostgres {
  readonly port: number
  /** The server that runs now; another one after each restart. */
  readonly server: RunningPostgres
  /** Address of a new database that has every migration; takes some 30 ms. */
  createDatabase(): Promise<string>
  /** Address of a new database with nothing in it. */
  createEmptyDatabase(): Promise<string>
  /** Ends it at once and without order, as a crash does; the data stay. */
  kill(): Promise<void>
  /** Starts it again with the same data, port and passwords. */
  restart(): Promise<void>
  /** Sends a signal to every process of it. */
  signal(name: NodeJS.Signals): void
  /** Keeps every process of it from running: connections stay open and say nothing. */
  freeze(): void
  thaw(): void
  /** Ends it, frozen or not, and removes the data. */
  stop(): Promise<void>
}

export interface TestPostgresOptions {
  readonly migrations?: string
  /** What confirmed commits outlive, and so what they cost. By default nothing: tests end with their data. */
  readonly survives?: 'nothing' | 'kill' | 'power-cut'
  /** Further `name=value` settings of the server; they win over those that follow from `survives`. */
  readonly settings?: readonly string[]
  /** False lets everyone in without a password, for tests that write addresses themselves. */
  readonly passwords?: boolean
}

const DURABILITY = {
  nothing: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
  // What was written to the system's cache is there after the server alone has died.
  kill: ['fsync=off'],
  'power-cut': [],
}
const PORT_TRIES = 5

/** Starts a server of its own on a free port, in a folder that goes with it, however this process ends; about a second. */
export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vigil-test-postgres-'))
  const settings = ['log_min_messages=fatal', ...DURABILITY[options.survives ?? 'nothing'], ...(options.settings ?? [])]
  const startOn = (port: number) => startPostgres({ dataDir, port, clock: systemClock, log: silentLog, settings })
  const lastResort = armLastResort(dataDir)
  let server = await onFreePort(startOn)
  if (options.passwords === false) await admitWithoutPasswords(server, dataDir)
  const kill = async () => {
    signalFamily(server.pid, 'SIGCONT')
    sendSignal(server.pid, 'SIGQUIT')
    await server.exited
  }
  return {
    get server() {
      return server
    },
    port: server.port,
    ...databasesOf(() => server, options.migrations ?? migrationFolder),
    kill,
    async restart() {
      server = await startOn(server.port)
    },
    signal: (name) => signalFamily(server.pid, name),
    freeze: () => signalFamily(server.pid, 'SIGSTOP'),
    thaw: () => signalFamily(server.pid, 'SIGCONT'),
    async stop() {
      await kill()
      lastResort.callOff()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Between asking for a free port and listening on it lies the making of the database, time enough for another to take it. */
async function onFreePort(startOn: (port: number) => Promise<RunningPostgres>): Promise<RunningPostgres> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await freePort())
    } catch (error) {
      if (tries >= PORT_TRIES || !isAppError(error) || error.code !== 'PORT_TAKEN') throw error
    }
  }
}

/** Databases are copies of a pattern, which is migrated once, when the first one asks. */
function databasesOf(server: () => RunningPostgres, migrations: string): Pick<TestPostgres, 'createDatabase' | 'createEmptyDatabase'> {
  let count = 0
  let pattern: Promise<void> | undefined
  const make = async (name: string, template: string) => {
    const { superuserUrl, url } = server()
    await withClient(superuserUrl, (client) => client.query(`create database ${name} template ${template} owner vigil`))
    const address = new URL(url)
    address.pathname = `/${name}`
    return address.href
  }
  const makePattern = async () => {
    await migrate({ url: await make('pattern', 'template1'), migrations: readMigrations(migrations), clock: systemClock, log: silentLog })
  }
  return {
    async createDatabase() {
      await (pattern ??= makePattern())
      return make(`test_${++count}`, 'pattern')
    },
    createEmptyDatabase: () => make(`test_${++count}`, 'template1'),
  }
}
