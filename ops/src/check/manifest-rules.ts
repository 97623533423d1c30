import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWorkspaces } from './house-files.ts'

type Group = 'dependencies' | 'devDependencies' | 'optionalDependencies'
const GROUPS: readonly Group[] = ['dependencies', 'devDependencies', 'optionalDependencies']
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/

export interface DirectDependency {
  readonly manifest: string
  readonly name: string
  readonly version: string
}

export function readDependencies(root: string): readonly DirectDependency[] {
  const manifests = ['package.json', ...readWorkspaces(root).map((workspace) => `${workspace}/package.json`)]
  return manifests.flatMap((manifest) => {
    const content = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as Partial<Record<Group, Record<string, string>>>
    return GROUPS.flatMap((group) => Object.entries(content[group] ?? {}).map(([name, version]) => ({ manifest, name, version })))
  })
}

/** A range would install something else tomorrow. */
export function inexactVersions(dependencies: readonly DirectDependency[]): readonly string[] {
  return dependencies.filter(({ version }) => !EXACT.test(version)).map(({ manifest, name, version }) => `${manifest}: ${name} is "${version}", not one exact version`)
}

/** An address in the lock file ties every install to the registry of whoever wrote it. */
export function lockedAddresses(lockFile: string): readonly string[] {
  return Object.entries(readLock(lockFile)).flatMap(([path, { resolved }]) => (resolved?.includes('://') ? [`package-lock.json: ${path} is tied to ${resolved}`] : []))
}

interface LockedPackage {
  readonly resolved?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

function readLock(lockFile: string): Readonly<Record<string, LockedPackage>> {
  return (JSON.parse(lockFile) as { packages: Record<string, LockedPackage> }).packages
}

/**
 * A lock file written on one computer can lack the packages of other platforms (npm leaves out what its registry did not
 * have that day); "npm ci" then fails on every clean clone.
 */
export function missingFromLock(lockFile: string): readonly string[] {
  const packages = readLock(lockFile)
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !placesOf(path, name).some((place) => place in packages))
      .map((name) => `package-lock.json: ${name}, which ${path === '' ? 'the root' : path} needs, is missing`),
  )
}

/** Where Node would look for a package, from the one that needs it upwards. */
function placesOf(path: string, name: string): readonly string[] {
  const places = [`node_modules/${name}`]
  const parts = path.split('/')
  for (let n = parts.length; n > 0; n--) places.push(`${parts.slice(0, n).join('/')}/node_modules/${name}`)
  return places
}

/** Every direct dependency is named in the first column of docs/dependencies.md, and what is named there is used. */
export function undocumented(dependencies: readonly DirectDependency[], page: string): readonly string[] {
  const names = new Set(dependencies.map(({ name }) => name).filter((name) => !name.startsWith('@vigil/')))
  const cells = [...page.matchAll(/^\|([^|]*)\|/gm)].map((row) => row[1] ?? '')
  const rows = new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((name) => name[1] ?? '')))
  return [
    ...[...names].filter((name) => !rows.has(name)).map((name) => `docs/dependencies.md: no row for \`${name}\``),
    ...[...rows].filter((name) => !names.has(name)).map((name) => `docs/dependencies.md: a row for \`${name}\`, which nothing uses`),
  ]
}

export function readPage(root: string, path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
}
