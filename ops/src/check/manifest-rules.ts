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
  const { packages } = JSON.parse(lockFile) as { packages: Record<string, { resolved?: string; link?: boolean }> }
  return Object.entries(packages).flatMap(([path, { resolved }]) => (resolved?.includes('://') ? [`package-lock.json: ${path} is tied to ${resolved}`] : []))
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
