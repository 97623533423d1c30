import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { numbersForNames } from '../../esp/numbers-for-names.ts'
import { withoutProse } from '../../esp/without-prose.ts'

export interface Bundle {
  readonly code: string
  /** Files it is made of, from the root of the repository. */
  readonly modules: readonly string[]
  /** What it asks of the engine. */
  readonly imports: readonly string[]
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const edgeAgent = new URL('../../', import.meta.url)

/** One file of everything that an entry of this package reaches; `engine` is its global name where it is no module. */
export async function bundled(entry: string, format: 'esm' | 'iife'): Promise<Bundle> {
  const isModdable = (name: string): boolean => !name.startsWith('.') && !name.startsWith('/') && !name.startsWith('@vigil/')
  const build = await rolldown({ input: fileURLToPath(new URL(entry, edgeAgent)), external: (name) => format === 'esm' && isModdable(name), plugins: [numbersForNames, withoutProse] })
  try {
    const { output } = await build.generate({ format, name: 'engine', minify: true })
    const [chunk, ...others] = output
    if (others.length > 0) throw new TypeError(`${entry} became more than one file`)
    return { code: chunk.code, modules: chunk.moduleIds.map((id) => id.replace(root, '')), imports: chunk.imports }
  } finally {
    await build.close()
  }
}
