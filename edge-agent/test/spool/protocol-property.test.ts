import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangesContain } from '@vigil/contract/ranges'
import { EPOCH, FaultyWorld, noFaults } from './faulty-world.ts'
import { seeded } from '../support/seeded.ts'

const events = ['connect', 'cut', 'crash', 'database-down', 'database-up', 'snapshot', 'restore', 'heal'] as const
type Event = (typeof events)[number]

type Step =
  | { do: 'produce' | 'event'; count: number }
  | { do: 'wait'; ms: number }
  | { do: Event }
  | { do: 'disturb'; loss: number; duplicate: number; delayMs: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('event' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1_000, max: 90_000 })) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...events) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disturb' as const), loss: fc.double({ min: 0, max: 0.5, noNaN: true }), duplicate: fc.double({ min: 0, max: 0.5, noNaN: true }), delayMs: fc.integer({ min: 1, max: 20_000 }) }) },
)

const scenario = fc.record({
  seed: fc.integer(),
  capacity: fc.constantFrom(40, 300, 100_000),
  window: fc.constantFrom(20, 60, 500),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
})

function play({ seed, capacity, window, steps }: { seed: number; capacity: number; window: number; steps: readonly Step[] }): FaultyWorld {
  const world = new FaultyWorld({ random: seeded(seed), capacity, settings: { window, liveReserve: Math.floor(window / 10), dropAtOnce: 8 } })
  let back = world.server.snapshot()
  const happen: Record<Event, () => void> = {
    connect: () => world.connect(),
    cut: () => world.cut(),
    crash: () => world.crash(),
    'database-down': () => (world.databaseUp = false),
    'database-up': () => (world.databaseUp = true),
    snapshot: () => (back = world.server.snapshot()),
    restore: () => world.restore(back),
    heal: () => (world.faults = { ...noFaults }),
  }
  const act = (one: Step): void => {
    if (one.do === 'produce') world.produce('sample', one.count)
    else if (one.do === 'event') world.produce('event', one.count)
    else if (one.do === 'wait') world.clock.advance(one.ms)
    else if (one.do === 'disturb') world.faults = { loss: one.loss, duplicate: one.duplicate, delayMs: one.delayMs }
    else happen[one.do]()
  }
  for (const one of steps) {
    act(one)
    expect(world.spool.status().onTheWay).toBeLessThanOrEqual(window)
  }
  world.faults = { ...noFaults }
  world.databaseUp = true
  // What was still delayed on the old network arrives before the last connection is made.
  world.cut()
  world.clock.advance(20_001)
  world.connect()
  world.clock.advance(20 * 60_000)
  return world
}

/** Every number is in the database with the content it was produced with, or the board said that it gave it up. */
function expectExactlyOnce(world: FaultyWorld): void {
  const { server, produced, store } = world
  const stored = server.stored(EPOCH)
  expect(server.counts.refused).toEqual([])
  for (let seq = 1; seq <= store.lastSeq(); seq++) {
    const row = stored.get(seq)
    if (!row) expect(rangesContain(server.lost(EPOCH), seq), `number ${seq} is missing without a word`).toBe(true)
    else if (produced.has(seq)) expect(row.text).toBe(produced.get(seq))
    else expect(row.text, `number ${seq} was never produced`).toContain('"gap":')
  }
  expect([...stored.keys()].every((seq) => seq <= store.lastSeq())).toBe(true)
  for (const [from, to] of server.lost(EPOCH)) expect(store.read({ from, to, limit: 1 })).toEqual([])
}

describe('the spool under faults', () => {
  it('brings every object to the database exactly once, or says which it gave up, whatever happens on the way', () => {
    const seen = { lost: 0, doubled: 0, cut: 0, crashed: 0, refusedByDatabase: 0, restored: 0, gaps: 0 }
    fc.assert(
      fc.property(scenario, (one) => {
        const world = play(one)
        expectExactlyOnce(world)
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
