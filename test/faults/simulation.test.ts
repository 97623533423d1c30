import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type FaultCount, faultKinds, noFaultsYet } from './sim/faults.ts'
import { type Mutant, mutants } from './sim/mutants.ts'
import { SimWard } from './sim/ward.ts'

const CORPUS = JSON.parse(readFileSync(new URL('sim/corpus.json', import.meta.url), 'utf8')) as number[]
const SEEDS = 40
const MUTANT_SEEDS = 60

/** The short selection; `npm run faults` plays thousands. */
describe('the durable lane in a simulated ward', () => {
  it(`keeps its word in ${SEEDS} seeds and in every seed that ever failed, and every kind of fault has happened`, async () => {
    const seen: FaultCount = noFaultsYet()
    let produced = 0
    for (const seed of [...CORPUS, ...Array.from({ length: SEEDS }, (_, i) => i + 1)]) {
      const verdict = await new SimWard(seed).run()
      expect(verdict.broken, `seed ${seed}`).toBeUndefined()
      for (const kind of faultKinds) seen[kind] += verdict.count[kind]
      produced += verdict.produced
    }
    expect(produced).toBeGreaterThan(SEEDS * 50)
    expect(faultKinds.filter((kind) => seen[kind] === 0)).toEqual([])
  })

  it('plays the same seed the same way', async () => {
    const [once, again] = [await new SimWard(7).run(), await new SimWard(7).run()]
    expect(again).toEqual(once)
  })

  it.each(mutants)('would notice it if %s', async (mutant: keyof Mutant) => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
      const { broken } = await new SimWard(seed, { [mutant]: true }).run()
      if (broken !== undefined) return
    }
    expect.unreachable(`${mutant} was not noticed in ${MUTANT_SEEDS} seeds`)
  })
})
