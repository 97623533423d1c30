import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'

export interface WebBuildOptions {
  readonly root: string
  /** Used when the checkout cannot be written, for instance when it belongs to another user. */
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tell: (line: string) => void
}

const SOURCES = ['web-client/index.html', 'web-client/vite.config.ts', 'web-client/package.json', 'web-client/{src,public}/**', 'contract/src/**', 'package-lock.json']
const STAMP = '.built-from'

/** The folder of the built web app: as it is when it was built from these very sources, otherwise built now. */
export async function ensureWebApp(options: WebBuildOptions): Promise<string> {
  const target = isWritable(join(options.root, 'web-client')) ? join(options.root, 'web-client', 'dist') : join(options.dataDir, 'web-app')
  const built = join(options.root, 'web-client', 'dist')
  const digest = digestOf(options.root)
  if (stampOf(built) === digest) return built
  if (stampOf(target) === digest) return target
  options.tell('Building the web app …')
  await build(options, target, digest)
  return target
}

/** Built beside its place and then moved, so that a running central station never serves half a web app. */
async function build({ root, env }: WebBuildOptions, target: string, digest: string): Promise<void> {
  const draft = `${target}.making-${process.pid}`
  const old = `${target}.old-${process.pid}`
  try {
    await runVite(root, draft, env)
    writeFileSync(join(draft, STAMP), digest)
    // Somebody else built the same meanwhile, and may be serving it.
    if (stampOf(target) === digest) return
    if (existsSync(target)) renameSync(target, old)
    renameSync(draft, target)
  } catch (cause) {
    if (stampOf(target) !== digest) throw cause
  } finally {
    for (const path of [draft, old]) rmSync(path, { recursive: true, force: true })
  }
}

function runVite(root: string, outDir: string, env: WebBuildOptions['env']): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--config', join(root, 'web-client', 'vite.config.ts'), '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: join(root, 'web-client'), env: { ...env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined }, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
    child.on('error', (cause) => reject(new AppError('START_FAILED', `The web app could not be built: ${cause.message}`, { cause })))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new AppError('START_FAILED', `The web app could not be built (vite ended with ${code}): ${said.trim().slice(0, 1_000)}`))
    })
  })
}

/** Content, not dates: a checkout gives every file a new date. */
export function digestOf(root: string): string {
  const hash = createHash('sha256')
  const files = globSync(SOURCES, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

function stampOf(folder: string): string | undefined {
  try {
    return existsSync(join(folder, 'index.html')) ? readFileSync(join(folder, STAMP), 'utf8') : undefined
  } catch {
    return undefined
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
