import { spawn, type ChildProcess } from 'node:child_process'
import type { Clock } from '@vigil/contract'
import { waitUntil } from '../process/end.ts'
import { programIn } from './native.ts'
import type { RunUser } from './run-user.ts'

export interface PostmasterOptions {
  readonly programs: string
  readonly directory: string
  readonly port: number
  readonly user: RunUser | undefined
  /** Further `name=value` settings of the server. */
  readonly settings?: readonly string[]
  /** Receives what the server says. */
  readonly onOutput: (text: string) => void
}

export interface Postmaster {
  readonly pid: number
  /** True while the server process lives. */
  readonly running: () => boolean
  /** The last things it said, for an error message. */
  readonly lastWords: () => string
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Fast shutdown; only when that takes too long, an immediate one that is recovered at the next start. */
  stop(clock: Clock, limitMs?: number): Promise<void>
}

const REMEMBERED = 4_000
const FAST_LIMIT_MS = 5_000
const IMMEDIATE_LIMIT_MS = 2_000

/** Loopback only, no socket file, and never a setting that trades durability for speed. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'timezone=UTC',
  'log_timezone=UTC',
  'max_connections=100',
  'password_encryption=scram-sha-256',
  'log_checkpoints=off',
]

export function spawnPostmaster(options: PostmasterOptions): Postmaster {
  const settings = [...SETTINGS, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting])
  // A process group of its own: Ctrl-C in the terminal reaches us alone, and PostgreSQL is stopped last.
  const child = spawn(programIn(options.programs, 'postgres'), ['-D', options.directory, '-p', String(options.port), ...settings], {
    ...options.user,
    cwd: '/',
    detached: true,
    env: { LC_ALL: 'C', TZ: 'UTC', PGDATA: options.directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return watch(child, options)
}

function watch(child: ChildProcess, options: PostmasterOptions): Postmaster {
  let said = ''
  let alive = true
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-REMEMBERED)
    options.onOutput(chunk.toString())
  })
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    // `exit`, not `close`: its own children may hold the pipe a little longer.
    child.on('exit', (code, signal) => {
      alive = false
      resolve({ code, signal })
    })
    child.on('error', (error) => {
      alive = false
      said += error.message
      resolve({ code: null, signal: null })
    })
  })
  return {
    pid: child.pid ?? 0,
    running: () => alive,
    lastWords: () => said,
    exited,
    async stop(clock, limitMs = FAST_LIMIT_MS) {
      for (const [signal, wait] of [['SIGINT', limitMs], ['SIGQUIT', IMMEDIATE_LIMIT_MS], ['SIGKILL', IMMEDIATE_LIMIT_MS]] as const) {
        if (!alive) return
        child.kill(signal)
        if (await waitUntil(() => !alive, wait, clock)) return
      }
    },
  }
}
