import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '@vigil/contract'
import { programIn } from './native.ts'
import type { RunUser } from './run-user.ts'

export interface NewCluster {
  readonly programs: string
  readonly directory: string
  readonly user: RunUser | undefined
  readonly superuserPassword: string
}

export function isCluster(directory: string): boolean {
  return existsSync(join(directory, 'PG_VERSION'))
}

/**
 * Makes an empty database: passwords asked from everyone, checksums on every page, and PostgreSQL's own C.UTF-8 so that
 * sorting does not change with the system's library. It is made beside its place and moved there when complete.
 */
export async function makeCluster(options: NewCluster): Promise<void> {
  const { directory, user } = options
  const draft = `${directory}.making`
  const passwordFile = `${directory}.${randomBytes(6).toString('hex')}.pw`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(passwordFile, options.superuserPassword, { mode: 0o600 })
    for (const path of user ? [draft, passwordFile] : []) chownSync(path, user?.uid ?? 0, user?.gid ?? 0)
    await runInitdb(options, draft, passwordFile)
    renameSync(draft, directory)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(draft, { recursive: true, force: true })
  }
}

function runInitdb(options: NewCluster, draft: string, passwordFile: string): Promise<void> {
  const args = [
    '-D', draft, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--data-checksums',
    '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions',
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(programIn(options.programs, 'initdb'), args, { ...options.user, cwd: dirname(options.programs), env: { LC_ALL: 'C', TZ: 'UTC' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
    child.on('error', (cause) => reject(new AppError('START_FAILED', `initdb did not start: ${cause.message}`, { cause })))
    child.on('close', (code) => {
      if (code === 0) return resolve()
      reject(new AppError('START_FAILED', `The database could not be made in ${options.directory}: ${lastLine(said)}`, { details: { exitCode: code, said } }))
    })
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
