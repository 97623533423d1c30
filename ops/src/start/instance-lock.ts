import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@vigil/contract'
import { identify, isSame, type ProcessIdentity } from '../process/identity.ts'
import { runFolder, writeWhole } from '../supervisor/run-record.ts'

export interface InstanceLock {
  release(): void
}

/**
 * One Vigil per data directory. The lock is the operating system's own on a file (held through SQLite, which knows how
 * on every system): it goes with its process however that ends, so no stale lock can keep a ward from starting.
 */
export function lockDataDir(dataDir: string): InstanceLock {
  mkdirSync(runFolder(dataDir), { recursive: true })
  const database = new DatabaseSync(join(runFolder(dataDir), 'lock'))
  try {
    database.exec('begin exclusive')
  } catch (cause) {
    database.close()
    if (!/locked|busy/i.test((cause as Error).message)) throw new AppError('START_FAILED', `The data directory ${dataDir} cannot be locked: ${(cause as Error).message}.`, { cause })
    const holder = readHolder(dataDir)
    throw new AppError('START_FAILED', `Vigil already runs with the data directory ${dataDir}${holder ? ` (process ${holder.pid})` : ''}. Stop it, or give this one a directory of its own with VIGIL_DATA.`, { cause, details: { pid: holder?.pid } })
  }
  const self = identify(process.pid)
  writeWhole(holderPath(dataDir), JSON.stringify({ pid: process.pid, began: self?.began }))
  return {
    release() {
      rmSync(holderPath(dataDir), { force: true })
      database.close()
    },
  }
}

/** The supervisor that runs this data directory now, as far as its own note tells. */
export function readHolder(dataDir: string): Pick<ProcessIdentity, 'pid' | 'began'> | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderPath(dataDir), 'utf8')) as Pick<ProcessIdentity, 'pid' | 'began'>
    return isSame(holder) ? holder : undefined
  } catch {
    return undefined
  }
}

function holderPath(dataDir: string): string {
  return join(runFolder(dataDir), 'start.json')
}
