import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { missingPackages } from '../check/system-packages.ts'
import { findNative, programIn } from '../postgres/native.ts'
import { foreignEntry } from '../start/data-dir.ts'
import { note, ok, problem, type Finding } from './finding.ts'

const GIB = 1024 ** 3
const LEAST_FREE_BYTES = GIB
const LEAST_FREE_SHARE = 0.05
const GOOD_FREE_SHARE = 0.15
/** This release was made after this day, so a clock before it is wrong. */
const EARLIEST = Date.UTC(2026, 0, 1)

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return ok('Node', version)
  return problem('Node', `${version} cannot run TypeScript directly`, 'Run it as "npm run doctor", which uses the Node of this installation, or install Node 22.18 or newer.')
}

export function checkInstallation(root: string, external: boolean): Finding {
  const what = 'Installation'
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return problem(what, 'incomplete', 'Run "npm ci".')
  try {
    const native = findNative()
    if (!existsSync(programIn(native.directory, 'postgres'))) return problem(what, `no PostgreSQL in ${native.directory}`, 'Run "npm ci".')
    return ok(what, `complete, PostgreSQL ${native.version}`)
  } catch (error) {
    return external ? ok(what, 'complete, without PostgreSQL of its own') : problem(what, (error as Error).message, 'Set DATABASE_URL.')
  }
}

export function checkDataDir(dataDir: string): Finding {
  const what = 'Data directory'
  if (!existsSync(dataDir)) return note(what, `${dataDir} is not there yet`, 'It is made by "npm start".')
  const foreign = foreignEntry(dataDir)
  if (foreign !== undefined) return problem(what, `${foreign} belongs to another user`, `Run as that user, or give the files back: chown -R ${process.getuid?.() ?? ''} ${dataDir}`)
  const open = openSecrets(join(dataDir, 'secrets'))
  if (open.length > 0) return problem(what, `others can read ${open.join(', ')}`, `chmod 600 ${open.join(' ')}; chmod 700 ${join(dataDir, 'secrets')}`)
  return ok(what, dataDir)
}

function openSecrets(folder: string): readonly string[] {
  if (process.platform === 'win32' || !existsSync(folder)) return []
  return readdirSync(folder).map((name) => join(folder, name)).filter((file) => (statSync(file).mode & 0o077) !== 0)
}

export function checkDisk(dataDir: string, read: (path: string) => { bavail: number; blocks: number; bsize: number } = statfsSync): Finding {
  const { bavail, blocks, bsize } = read(existsSync(dataDir) ? dataDir : dirname(dataDir))
  const free = bavail * bsize
  const share = blocks === 0 ? 0 : bavail / blocks
  const found = `${(free / GIB).toFixed(1)} GiB free (${Math.round(share * 100)} %)`
  if (free < LEAST_FREE_BYTES || share < LEAST_FREE_SHARE) return problem('Disk', found, 'Make room soon: a full disk stops the database, and boards then keep their data themselves.')
  return share < GOOD_FREE_SHARE ? note('Disk', found, 'Make room before it is needed.') : ok('Disk', found)
}

export function checkClock(clock: Clock): Finding {
  const now = clock.now()
  const text = new Date(now).toISOString()
  if (now < EARLIEST) return problem('Clock', `${text} is in the past`, 'Set the time of this computer: values are ordered by it.')
  const ntp = spawnSync('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { encoding: 'utf8' })
  if (ntp.status === 0 && ntp.stdout.trim() === 'no') return note('Clock', `${text}, not kept by a time server`, 'Switch time synchronisation on: timedatectl set-ntp true')
  return ok('Clock', text)
}

export function checkTestPrograms(path: string): Finding {
  const missing = missingPackages(path)
  return missing.length === 0 ? ok('Programs for npm test', 'chromium, mosquitto and its clients are there') : note('Programs for npm test', missing.join('; '))
}
