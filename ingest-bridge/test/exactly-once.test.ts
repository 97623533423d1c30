import fc from 'fast-check'
import { rangesOf } from '@vigil/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from './support/database.ts'
import { handBridge, type HandBridge } from './support/hand-bridge.ts'
import { promisedButMissing, storedOf } from './support/stored.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let bridges: HandBridge[]
beforeAll(async () => {
  database = await freshDatabase()
  bridges = [handBridge(database.url), handBridge(database.url)]
})
afterAll(async () => {
  for (const bridge of bridges) await bridge.stop()
  await database.close()
})

const T0 = Date.UTC(2026, 2, 1)

/** What number `s` of a device is, the same each time it is sent. */
function objectOf(epoch: string, s: number): { channel: 'tele' | 'backlog' | 'event'; body: unknown; as: 'sample' | 'event' | 'dead' } {
  if (s % 11 === 0) return { channel: 'event', as: 'event', body: { e: epoch, s, t: T0 + s * 1_000, ev: 'probe_off', ph: 'once' } }
  if (s % 13 === 0) return { channel: 'tele', as: 'dead', body: { e: epoch, s, t: T0 + s * 1_000, m: { pr: 'broken' } } }
  return { channel: s % 2 === 0 ? 'tele' : 'backlog', as: 'sample', body: { e: epoch, s, t: T0 + s * 1_000, m: { pr: 60 + (s % 30), spo2: 97 } } }
}

const sending = fc.record({ bridge: fc.integer({ min: 0, max: 1 }), device: fc.integer({ min: 0, max: 2 }), epoch: fc.constantFrom('a', 'b'), numbers: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 25 }), pause: fc.boolean() })

let run = 0
it('stores each number once, whatever is repeated, reordered or sent through two bridges at once', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sending, { minLength: 5, maxLength: 40 }), async (sendings) => {
      const prefix = `p${run++}-`
      for (const i of [0, 1, 2]) await database.register(`${prefix}${i}`)
      const sent = new Map<string, Set<number>>()
      for (const { bridge, device, epoch, numbers, pause } of sendings) {
        const { source } = bridges[bridge] as HandBridge
        const key = `${prefix}${device} ${epoch}`
        const known = sent.get(key) ?? new Set()
        sent.set(key, known)
        const samples = numbers.filter((s) => objectOf(epoch, s).as !== 'event')
        if (samples.length > 0) source.deliver(`${prefix}${device}`, 'backlog', samples.map((s) => objectOf(epoch, s).body))
        for (const s of numbers) {
          known.add(s)
          if (objectOf(epoch, s).as === 'event') source.deliver(`${prefix}${device}`, 'event', objectOf(epoch, s).body)
        }
        if (pause) await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => bridges.every(({ source }) => source.unsettled() === 0), 'every message to be settled')
      for (const [key, numbers] of sent) await check(...(key.split(' ') as [string, string]), [...numbers].sort((a, b) => a - b))
    }),
    { numRuns: 100, seed: 20_260_301 },
  )
  for (const bridge of bridges) {
    expect(await bridge.metric('duplicates_total')).toBeGreaterThan(100)
    expect(await bridge.metric('abandoned_total')).toBe(0)
  }
})

async function check(device: string, epoch: string, numbers: readonly number[]): Promise<void> {
  const stored = await storedOf(database, device, epoch)
  expect(stored.got).toEqual(rangesOf(numbers))
  expect(stored.samples).toEqual(numbers.filter((s) => objectOf(epoch, s).as === 'sample'))
  expect(stored.events).toEqual(numbers.filter((s) => objectOf(epoch, s).as === 'event'))
  expect(stored.dead).toEqual(numbers.filter((s) => objectOf(epoch, s).as === 'dead'))
  for (const { source } of bridges) {
    const receipts = source.receipts.filter((receipt) => receipt.device === device)
    expect(promisedButMissing(receipts, epoch, stored)).toEqual([])
  }
}
