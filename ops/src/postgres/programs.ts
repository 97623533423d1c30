import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { findNative, missingLinks, programIn, recreateLinks, type Native } from './native.ts'
import { canRun, type RunUser } from './run-user.ts'

/** Where a copy may live: a place every user reaches first, the data directory as the last resort. */
export interface CopyPlaces {
  readonly shared: string
  readonly dataDir: string
}

export const SHARED_STATE = '/var/lib/vigil'

/**
 * A folder with PostgreSQL programs that the user can run. The installed ones when they are within reach and whole;
 * otherwise a copy, made once per version, for instance when root installed Vigil below a home that is closed to others.
 */
export function preparePrograms(user: RunUser | undefined, places: CopyPlaces, native: Native = findNative()): string {
  if (tryLinks(native.directory) && canRun(programIn(native.directory, 'postgres'), user)) return native.directory
  const failures: unknown[] = []
  for (const parent of user ? [places.shared, places.dataDir] : [places.dataDir]) {
    try {
      const copy = copyOnce(native, join(parent, `postgresql-${native.version}-${process.arch}`))
      if (canRun(programIn(copy, 'postgres'), user)) return copy
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AppError('START_FAILED', `The PostgreSQL programs in ${native.directory} do not run here, nor does a copy in ${places.shared} or ${places.dataDir}. Set DATABASE_URL to a PostgreSQL of your own.`, { cause: failures[0] })
}

function tryLinks(directory: string): boolean {
  try {
    recreateLinks(directory)
  } catch {
    // A read-only installation: a copy is made instead.
    return false
  }
  return missingLinks(directory).length === 0
}

/** Appears whole or not at all: a start that is cut short leaves no half copy behind. */
function copyOnce(native: Native, target: string): string {
  if (existsSync(target)) return target
  const draft = `${target}.making-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  cpSync(native.directory, draft, { recursive: true, verbatimSymlinks: true })
  recreateLinks(draft)
  chmodSync(draft, 0o755)
  try {
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}
