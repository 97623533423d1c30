import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countRanges } from '@vigil/contract/ranges'
import { minuteRollUp } from '../../src/spool/roll-up.ts'
import { EPOCH, FaultyWorld } from './faulty-world.ts'
import { expectExactlyOnce, play, scenarios } from './scenario.ts'
import { tailLosingStore } from './tail-losing-store.ts'

describe('a spool that forces its disk only now and then', () => {
  it('gives no number twice and loses no object without a word, whatever a power cut takes off its end', () => {
    const seen = { torn: 0, cutsThatTore: 0, told: 0, doubled: 0, restored: 0, rolledUp: 0 }
    fc.assert(
      fc.property(scenarios(40, 300, 2_000), (one) => {
        const world = play(one, (options) => {
          const store = tailLosingStore({
            ...options,
            onTorn: (transactions) => {
              seen.torn += transactions
              seen.cutsThatTore += Math.min(1, transactions)
            },
          })
          return new FaultyWorld({ ...options, store, rollUp: minuteRollUp })
        })
        expect(world.givenTwice).toEqual([])
        expectExactlyOnce(world)
        expect(world.spool.status()).toMatchObject({ unsent: 0, onTheWay: 0, upto: world.store.lastSeq() })
        seen.told += countRanges(world.server.lost(EPOCH))
        seen.rolledUp += [...world.server.stored(EPOCH).values()].filter(({ text }) => text.includes('"over":')).length
        for (const key of ['doubled', 'restored'] as const) seen[key] += world.happened[key]
      }),
      { numRuns: 400, seed: 20_260_302 },
    )
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(20)
  })

  it('would be found out if it reserved no numbers', () => {
    const careless = fc.property(scenarios(300), (one) => {
      const world = play(one, (options) => new FaultyWorld({ ...options, store: tailLosingStore({ ...options, careless: true }) }))
      expectExactlyOnce(world)
    })
    expect(fc.check(careless, { numRuns: 400, seed: 20_260_302 }).failed).toBe(true)
  })
})
