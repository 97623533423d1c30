import { describe, expect, it } from 'vitest'
import { CommandWard, commandFaults, type CommandMutant } from './sim/commands.ts'

const SEEDS = 60
const MUTANT_SEEDS = 30

/** The short selection; `npm run faults` plays thousands. */
describe('remote control in a simulated ward', () => {
  it(`runs each command once at most, never after its time, and ends it in one state, in ${SEEDS} seeds with every kind of fault`, async () => {
    const seen = new Map(commandFaults.map((kind) => [kind, 0]))
    let [asked, executed] = [0, 0]
    for (let seed = 1; seed <= SEEDS; seed++) {
      const verdict = await new CommandWard(seed).run()
      expect(verdict.broken, `seed ${seed}`).toBeUndefined()
      for (const kind of commandFaults) seen.set(kind, (seen.get(kind) ?? 0) + verdict.count[kind])
      asked += verdict.asked
      executed += verdict.executed
    }
    expect([...seen].filter(([, times]) => times === 0)).toEqual([])
    expect(executed).toBeGreaterThan(asked / 4)
  }, 60_000)

  it.each<CommandMutant>(['runs_when_late', 'forgets_at_boot'])('would notice it if a board %s', async (mutant) => {
    for (let seed = 1; seed <= MUTANT_SEEDS; seed++) if ((await new CommandWard(seed, mutant).run()).broken !== undefined) return
    expect.unreachable(`${mutant} was not noticed in ${MUTANT_SEEDS} seeds`)
  })
})
