import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSecret } from '@vigil/program'

/** `postgres` owns the server; `vigil` owns the ward's database and is all that the programs get. */
export type DatabaseRole = 'postgres' | 'vigil'

function fileOf(dataDir: string, role: DatabaseRole): string {
  return join(dataDir, 'secrets', `postgres-${role}`)
}

/** Undefined when there is none yet. */
export function readPassword(dataDir: string, role: DatabaseRole): string | undefined {
  try {
    return readFileSync(fileOf(dataDir, role), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function ensurePassword(dataDir: string, role: DatabaseRole): string {
  const known = readPassword(dataDir, role)
  if (known !== undefined && known !== '') return known
  const path = fileOf(dataDir, role)
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 })
  const password = newSecret()
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${password}\n`, { mode: 0o600 })
  renameSync(draft, path)
  return password
}

/** For programs of this computer; holds a password, so it is never printed. */
export function embeddedUrl(role: DatabaseRole, password: string, port: number, database: string = role): string {
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
}
