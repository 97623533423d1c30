import { describe, expect, it } from 'vitest'
import { alarmFaults, type AlarmMutant, AlarmWard } from './sim/alarms.ts'

const SEEDS = 40
const MUTANT_SEEDS = 40
/** Broken once. 30059: the last write of a killed engine came to the disk after the next engine had read it, which no system allows: the ward now waits for it. */
const FAILED = [30_059]

/** The short selection; `npm run faults` plays thousands. */
describe('the alarm engine in a simulated ward', () => {
  it(`loses no alarm that somebody was told of, and leaves no low saturation without one, in ${SEEDS} seeds with every kind of fault`, async () => {
    const seen = new Map(alarmFaults.map((kind) => [kind, 0]))
    let [announced, restarts] = [0, 0]
    for (let seed = 1; seed <= SEEDS; seed++) {
      const verdict = await new AlarmWard(seed).run()
      expect(verdict.broken, `seed ${seed}`).toBeUndefined()
      for (const kind of alarmFaults) seen.set(kind, (seen.get(kind) ?? 0) + verdict.count[kind])
      announced += verdict.announced
      restarts += verdict.restarts
    }
    expect([...seen].filter(([, times]) => times === 0)).toEqual([])
    expect(announced).toBeGreaterThan(SEEDS)
    expect(restarts).toBeGreaterThan(SEEDS)
  }, 60_000)

  it.each(FAILED)('seed %i, which failed once, goes well', async (seed) => {
    expect((await new AlarmWard(seed).run()).broken).toBeUndefined()
  })

  it.each<AlarmMutant>(['tells_before_it_writes', 'forgets_acknowledgements'])('would notice it if it %s', async (mutant) => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed++) if ((await new AlarmWard(seed, mutant).run()).broken !== undefined) return
    expect.unreachable(`${mutant} was not noticed in ${MUTANT_SEEDS} seeds`)
  })
})
