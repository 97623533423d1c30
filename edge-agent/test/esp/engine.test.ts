import { beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundled } from './engine-bundle.ts'
import { compareEngines } from './engine-comparison.ts'

const KIB = 1_024
const LARGEST_BUNDLE = 96 * KIB
const LARGEST_HEAP = 256 * KIB
/** Program, engine and all: nothing is asked of it here, but it may not grow unseen. */
const LARGEST_WHOLE = 540 * KIB
const SECONDS = 150

describe('the program of a small board', () => {
  let bundle: Bundle
  beforeAll(async () => {
    bundle = await bundled('esp/main.ts', 'esm')
  }, 60_000)

  it('is at most 96 KiB in one file', () => expect(bundle.code.length).toBeLessThanOrEqual(LARGEST_BUNDLE))

  it('is made of the agent and the contract alone: no schema compiler, nothing for Node', () => {
    expect(bundle.modules.length).toBeGreaterThan(80)
    const foreign = bundle.modules.filter((id) => !/^(edge-agent\/(src\/(bus|core|commands|link|panel|sensors|signals|spool)|esp)\/|contract\/src\/)/.test(id))
    expect(foreign.filter((id) => !id.startsWith('\0'))).toEqual([])
  })

  it('asks the engine for modules of the Moddable SDK only', () => {
    expect([...bundle.imports].sort()).toEqual(['Resource', 'dns/server', 'http', 'mc/config', 'net', 'preference', 'time', 'timer', 'wifi'])
  })
})

describe('the agent in an engine without Node', () => {
  it('says to the letter what it says in Node, from the registers of the sensors to the receipts, in little memory', async () => {
    const { published, sameAs, heapAtMost, programHeap, heard, stored } = await compareEngines(SECONDS)
    expect(heard).toContain('link.online')
    expect(published).toBeGreaterThan(SECONDS - 5)
    expect(sameAs).toBe(published)
    expect(stored).toBeGreaterThan(SECONDS - 5)
    expect(heapAtMost).toBeLessThanOrEqual(LARGEST_HEAP)
    expect(programHeap + heapAtMost).toBeLessThanOrEqual(LARGEST_WHOLE)
  }, 300_000)
})
