import { accessSync, constants, lstatSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'

/** Finds out early, in one sentence, that a directory cannot be used by who starts Vigil. */
export function assertUsable(dataDir: string): void {
  const probe = join(dataDir, `.write-test-${process.pid}`)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 })
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (cause) {
    throw new AppError('START_FAILED', `The data directory ${dataDir} cannot be written: ${(cause as NodeJS.ErrnoException).code}. Start as the user it belongs to, or choose another one with VIGIL_DATA.`, { cause })
  }
  const foreign = foreignEntry(dataDir)
  if (foreign === undefined) return
  throw new AppError('START_FAILED', `${foreign} belongs to another user, who started Vigil here before. Start as that user, or give the files back: chown -R ${process.getuid?.() ?? ''} ${dataDir}`, { details: { path: foreign } })
}

/** The first file, two folders deep, that we cannot read and write. */
export function foreignEntry(dataDir: string, usable: (path: string) => boolean = isUsable): string | undefined {
  for (const entry of readdirSync(dataDir, { withFileTypes: true })) {
    const path = join(dataDir, entry.name)
    if (!usable(path)) return path
    // PostgreSQL looks after its own folder.
    if (!entry.isDirectory() || entry.name === 'postgres') continue
    const inside = readdirSync(path).map((name) => join(path, name)).find((file) => lstatSync(file, { throwIfNoEntry: false }) && !usable(file))
    if (inside !== undefined) return inside
  }
  return undefined
}

/** True when root starts Vigil on the data of an ordinary user: files made now will be closed to that user. */
export function isRootOnForeignData(dataDir: string): boolean {
  return process.getuid?.() === 0 && statSync(dataDir).uid !== 0
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch (error) {
    // A link whose target is not there yet says nothing about rights.
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
