import { bundled } from './engine-bundle.ts'
import { startEngine } from './engine-entry.ts'
import { engineWorld } from './engine-host.ts'
import { startInQuickJs } from './quickjs-engine.ts'

export interface EngineComparison {
  readonly published: number
  /** How many publications from the first on are the same in both engines. */
  readonly sameAs: number
  /**
   * Most bytes ever on the engine's heap above the loaded program. A board keeps its program in flash (XS runs it from there); an engine
   * that compiles it into its heap is charged for what runs.
   */
  readonly heapAtMost: number
  readonly programHeap: number
  readonly heard: readonly string[]
  /** Objects the server has receipted. */
  readonly stored: number
  /** The last publication, to look at. */
  readonly last: string | undefined
}

const LOOK_EVERY = 200

/** The same patient, time and server around Node and around QuickJS. */
export async function compareEngines(seconds: number): Promise<EngineComparison> {
  const inNode = engineWorld()
  await inNode.run(startEngine(inNode.host), seconds, () => new Promise((resolve) => void setImmediate(resolve)))

  const { code } = await bundled('test/esp/engine-entry.ts', 'iife')
  const world = engineWorld()
  const { board, drain, heap, programHeap } = await startInQuickJs(code, world.host)
  let most = 0
  let turns = 0
  await world.run(board, seconds, () => {
    drain()
    turns += 1
    if (turns % LOOK_EVERY === 0) most = Math.max(most, heap())
  })
  const different = world.published.findIndex((text, i) => text !== inNode.published[i])
  const { epoch } = (JSON.parse(board.status()) as { spool: { epoch: string } }).spool
  return {
    published: Math.max(world.published.length, inNode.published.length),
    sameAs: different < 0 ? Math.min(world.published.length, inNode.published.length) : different,
    heapAtMost: most - programHeap,
    programHeap,
    heard: world.heard,
    stored: world.server.stored(epoch).size,
    last: world.published.at(-1),
  }
}
