import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the agent is made of, from the folder of this package. */
const sources = ['src', '../contract/src', '../program/src', '../package-lock.json']
const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(packageFolder, 'dist/run')

/**
 * The agent that runs for months, as one file of plain JavaScript: from its sources it would carry the compiler that strips their types, 18 MB,
 * and three hundred modules. Made anew when a source has changed; the file's name says which sources it is made of.
 *
 * @returns nothing where it is not there and cannot be made: a folder that may not be written, an installation without the bundler
 */
export async function agentInOneFile(): Promise<string | undefined> {
  const file = join(folder, `${digestOfSources()}.mjs`)
  if (existsSync(file)) return file
  try {
    await bundle(file)
    return file
  } catch {
    return undefined
  }
}

/** Made beside and renamed, because several agents of one machine may start at once. */
async function bundle(file: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const { rolldown } = await import('rolldown')
  const build = await rolldown({ input: join(packageFolder, 'src/cli/lean.ts'), platform: 'node', external: (name) => !/^(\.|\/|@vigil\/)/.test(name), logLevel: 'silent' })
  const unfinished = `${file}.${process.pid}`
  try {
    await build.write({ file: unfinished, format: 'esm', codeSplitting: false })
  } finally {
    await build.close()
  }
  renameSync(unfinished, file)
  for (const name of readdirSync(folder)) if (join(folder, name) !== file && name.endsWith('.mjs')) rmSync(join(folder, name), { force: true })
}

/** By date and size: reading every file would take longer than the start. */
function digestOfSources(): string {
  const hash = createHash('sha256')
  for (const source of sources) {
    const root = join(packageFolder, source)
    const files = statSync(root).isDirectory() ? readdirSync(root, { recursive: true, encoding: 'utf8' }).sort() : ['']
    for (const name of files) {
      const { mtimeMs, size } = statSync(join(root, name))
      hash.update(`${name} ${mtimeMs} ${size}\n`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}
