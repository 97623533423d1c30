import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HouseFile {
  /** Below the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** The packages of the workspace, as the root manifest lists them. */
export function readWorkspaces(root: string): readonly string[] {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }).workspaces
}

/** Everything people wrote in TypeScript and Vue. */
export function readSources(root: string): readonly HouseFile[] {
  const skip = new Set(['node_modules', 'dist', 'data'])
  const found = readWorkspaces(root).flatMap((workspace) =>
    globSync(`${workspace}/**/*.{ts,vue,mjs}`, { cwd: root, exclude: (name) => skip.has(name.split('/').at(-1) ?? '') }),
  )
  return found.sort().map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }))
}

/** Tests and what only tests use. */
export function isTest(path: string): boolean {
  return /(^|\/)test\/|\/testing\/|\.test\.ts$/.test(path)
}
