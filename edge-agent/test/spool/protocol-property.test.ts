import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EPOCH } from './faulty-world.ts'
import { expectExactlyOnce, play, scenarios } from './scenario.ts'

describe('the spool under faults', () => {
  it('brings every object to the database exactly once, or says which it gave up, whatever happens on the way', () => {
    const seen = { lost: 0, doubled: 0, cut: 0, crashed: 0, refusedByDatabase: 0, restored: 0, gaps: 0 }
    fc.assert(
      fc.property(scenarios(40, 300, 100_000), (one) => {
        const world = play(one)
        expectExactlyOnce(world)
        for (const [from, to] of world.server.lost(EPOCH)) expect(world.store.read({ from, to, limit: 1 })).toEqual([])
        expect(world.spool.status()).toMatchObject({ unsent: 0, onTheWay: 0, upto: world.store.lastSeq() })
        // Nothing is left to do: no timer runs on.
        expect(world.clock.pending()).toBe(0)
        for (const key of ['lost', 'doubled', 'cut', 'crashed', 'refusedByDatabase', 'restored'] as const) seen[key] += world.happened[key]
        seen.gaps += world.server.lost(EPOCH).length
      }),
      { numRuns: 600, seed: 20_260_301 },
    )
    // Not vacuous: each kind of fault really happened.
    for (const [fault, times] of Object.entries(seen)) expect(times, fault).toBeGreaterThan(20)
  })
})
