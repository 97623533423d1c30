import fc from 'fast-check'
import { expect } from 'vitest'
import { rangesContain } from '@vigil/contract/ranges'
import { EPOCH, FaultyWorld, noFaults, type WorldOptions } from './faulty-world.ts'
import { seeded } from '../support/seeded.ts'

const events = ['connect', 'cut', 'crash', 'database-down', 'database-up', 'snapshot', 'restore', 'heal'] as const
type Event = (typeof events)[number]

type Step =
  | { do: 'produce' | 'event'; count: number }
  | { do: 'wait'; ms: number }
  | { do: Event }
  | { do: 'disturb'; loss: number; duplicate: number; delayMs: number }

export interface Scenario {
  readonly seed: number
  readonly capacity: number
  readonly window: number
  readonly steps: readonly Step[]
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('event' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1_000, max: 90_000 })) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...events) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disturb' as const), loss: fc.double({ min: 0, max: 0.5, noNaN: true }), duplicate: fc.double({ min: 0, max: 0.5, noNaN: true }), delayMs: fc.integer({ min: 1, max: 20_000 }) }) },
)

export const scenarios = (...capacities: readonly number[]): fc.Arbitrary<Scenario> =>
  fc.record({ seed: fc.integer(), capacity: fc.constantFrom(...capacities), window: fc.constantFrom(20, 60, 500), steps: fc.array(step, { minLength: 5, maxLength: 60 }) })

/** Plays it and lets everything settle on a healthy network. `make` may give the board another store. */
export function play({ seed, capacity, window, steps }: Scenario, make: (options: WorldOptions) => FaultyWorld = (options) => new FaultyWorld(options)): FaultyWorld {
  const world = make({ random: seeded(seed), capacity, settings: { window, liveReserve: Math.floor(window / 10), dropAtOnce: 8 } })
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
export function expectExactlyOnce(world: FaultyWorld): void {
  const { server, produced, store } = world
  const stored = server.stored(EPOCH)
  expect(server.counts.refused).toEqual([])
  for (let seq = 1; seq <= store.lastSeq(); seq++) {
    const row = stored.get(seq)
    if (!row) expect(rangesContain(server.lost(EPOCH), seq), `number ${seq} is missing without a word`).toBe(true)
    else if (produced.has(seq)) expect(row.text).toBe(produced.get(seq))
    else expect(row.text, `number ${seq} was never produced`).toMatch(/"gap":|"over":/)
  }
  expect([...stored.keys()].every((seq) => seq <= store.lastSeq())).toBe(true)
}
