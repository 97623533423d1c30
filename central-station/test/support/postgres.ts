import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { AppError } from '@vigil/contract'
import { findPrograms, runUser } from './postgres-programs.ts'
import { until } from './until.ts'

export interface TestPostgres {
  /** A database made from the migrated template, for this test alone. */
  database(): Promise<string>
  /** Ends the server as a crash does. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  startAgain(): Promise<void>
  /** Freezes every process of the server; connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'migrations')
const SETTINGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'fsync=off', 'shared_buffers=32MB', 'max_connections=60', 'jit=off']

/** A real PostgreSQL on a free port, with all migrations applied to a template database. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = findPrograms()
  const directory = mkdtempSync(join(tmpdir(), 'vigil-central-pg-'))
  if (runUser.uid !== undefined) chownSync(directory, runUser.uid, runUser.gid ?? runUser.uid)
  const made = spawnSync(join(bin, 'initdb'), ['-D', directory, '-U', 'vigil', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync'], { ...runUser, cwd: '/', encoding: 'utf8' })
  if (made.status !== 0) throw new AppError('START_FAILED', `initdb failed: ${made.stderr}`)
  const port = await freePort()
  let server = await startServer(bin, directory, port)
  const url = (name: string) => `postgres://vigil@127.0.0.1:${port}/${name}`
  await run(url('postgres'), ['create database migrated'])
  await run(url('migrated'), readdirSync(MIGRATIONS).filter((file) => /^\d{4}_.*\.sql$/.test(file)).toSorted().map((file) => readFileSync(join(MIGRATIONS, file), 'utf8')))
  let databases = 0

  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of [server.pid ?? 0, ...childrenOf(server.pid ?? 0)]) process.kill(pid, signal)
  }
  const kill = async () => {
    const ended = new Promise((resolve) => {
      server.once('exit', resolve)
    })
    server.kill('SIGQUIT')
    await ended
  }
  return {
    async database() {
      const name = `t${databases++}`
      await run(url('postgres'), [`create database ${name} template migrated`])
      return url(name)
    },
    kill,
    async startAgain() {
      server = await startServer(bin, directory, port)
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async stop() {
      signalAll('SIGCONT')
      if (server.exitCode === null) await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function startServer(bin: string, directory: string, port: number): Promise<ChildProcess> {
  const server = spawn(join(bin, 'postgres'), ['-D', directory, '-p', String(port), ...SETTINGS.flatMap((s) => ['-c', s])], { ...runUser, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr?.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-2_000) })
  const killWithUs = () => server.kill('SIGKILL')
  process.once('exit', killWithUs)
  server.once('exit', () => process.removeListener('exit', killWithUs))
  await until('PostgreSQL to answer', 20_000, async () => {
    if (server.exitCode !== null) throw new AppError('START_FAILED', `PostgreSQL ended: ${said}`)
    return run(`postgres://vigil@127.0.0.1:${port}/postgres`, ['select 1']).then(() => true, () => undefined)
  })
  return server
}

/** Runs statements on a connection of their own. */
export async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Rows of one query on a connection of its own. */
export async function rows<R extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, [...values])).rows as R[]
  } finally {
    await client.end()
  }
}

function childrenOf(pid: number): number[] {
  const listed = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return listed.split('\n').map(Number).filter((child) => child > 0)
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
