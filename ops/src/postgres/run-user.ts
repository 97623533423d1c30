import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { AppError } from '@vigil/contract'

/** PostgreSQL refuses to run as root, so a start by root hands it to another user of the system. */
export interface RunUser {
  readonly uid: number
  readonly gid: number
}

/** Users that exist for such a purpose, best first. */
const CANDIDATES = ['postgres', 'nobody']

/**
 * Undefined for an ordinary user, who runs PostgreSQL as themselves. For root: the owner of the database that is there
 * already, otherwise an existing unprivileged user.
 */
export function chooseRunUser(clusterDirectory: string, options: { uid?: number | undefined; passwdFile?: string } = {}): RunUser | undefined {
  const uid = 'uid' in options ? options.uid : process.getuid?.()
  if (uid !== 0) return undefined
  const owner = statSync(clusterDirectory, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const users = readUsers(options.passwdFile ?? '/etc/passwd')
  for (const name of CANDIDATES) {
    const user = users.get(name)
    if (user) return user
  }
  throw new AppError('START_FAILED', `PostgreSQL does not run as root, and this system has no user ${CANDIDATES.join(' or ')}. Start Vigil as an ordinary user, or add one of these users.`)
}

/** Whether that user gets as far as this path: every folder above it must let them through. */
export function canReach(path: string, user: RunUser): boolean {
  return spawnSync('test', ['-x', path], { ...user, cwd: '/' }).status === 0
}

/** Whether that user (or, without one, this process) can run the program and its libraries. */
export function canRun(program: string, user: RunUser | undefined): boolean {
  return spawnSync(program, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

/** passwd(5): name:password:uid:gid:... */
function readUsers(passwdFile: string): Map<string, RunUser> {
  const users = new Map<string, RunUser>()
  for (const line of readFileSync(passwdFile, 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name && uid !== undefined && Number(uid) > 0) users.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return users
}
