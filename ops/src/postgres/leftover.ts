import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type Clock } from '@vigil/contract'
import { endProcess } from '../process/end.ts'
import { identify, type ProcessIdentity } from '../process/identity.ts'

const ENDINGS = [
  { signal: 'SIGINT', waitMs: 8_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const

/** What an earlier run left in this database's folder. */
export type Leftover =
  | { readonly kind: 'none' }
  /** A pid file without its server: the number belongs to nobody, or to some other program by now. */
  | { readonly kind: 'stale-file' }
  /** The very server of this folder still runs, because who started it was killed. */
  | { readonly kind: 'server'; readonly process: ProcessIdentity }

export function findLeftover(directory: string): Leftover {
  const pid = readPid(directory)
  if (pid === undefined) return { kind: 'none' }
  const found = identify(pid)
  if (!found || !isServerOf(found, directory)) return { kind: 'stale-file' }
  return { kind: 'server', process: found }
}

/** Stops the server an earlier run left behind, and removes a pid file that would keep PostgreSQL from starting. */
export async function clearLeftover(directory: string, clock: Clock): Promise<Leftover['kind']> {
  const leftover = findLeftover(directory)
  if (leftover.kind === 'server' && !(await endProcess(leftover.process, ENDINGS, clock))) {
    throw new AppError('START_FAILED', `A PostgreSQL of an earlier run (process ${leftover.process.pid}) does not stop. Stop it by hand and start again.`, { details: { pid: leftover.process.pid } })
  }
  // PostgreSQL itself checks for living server processes of this folder before it trusts a missing file.
  if (leftover.kind !== 'none') rmSync(join(directory, 'postmaster.pid'), { force: true })
  return leftover.kind
}

function readPid(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0])
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** We start it as `postgres -D <folder>`: the folder in its own command line is what identifies it. */
function isServerOf(found: ProcessIdentity, directory: string): boolean {
  const words = found.command.split(' -')
  return /postgres(\.exe)?$/.test(words[0] ?? '') && words[1] === `D ${realpathSync(directory)}`
}
