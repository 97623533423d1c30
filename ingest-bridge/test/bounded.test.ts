import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from './support/database.ts'
import { handBridge, type HandBridge } from './support/hand-bridge.ts'
import { freePort } from './support/postgres-server.ts'
import { storedOf } from './support/stored.ts'
import { until } from './support/until.ts'

const T0 = Date.UTC(2026, 2, 1)
const batch = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ e: 'a1', s: from + i, t: T0 + (from + i) * 1_000, m: { pr: 70 } }))

it('with the database away holds 20,000 objects and no more; the rest is left with the devices and counted', async () => {
  const hand = handBridge(`postgres://vigil@127.0.0.1:${await freePort()}/nowhere`)
  for (let from = 1; from <= 100_000; from += 100) hand.source.deliver('bed-1', 'backlog', batch(from, 100))
  await until(() => hand.bridge.health().some((fact) => fact.name === 'room' && !fact.ok), 'the room to be full')
  expect(await hand.metric('waiting_objects')).toBe(20_000)
  expect(await hand.metric('refused_total', { why: 'full' })).toBe(800)
  expect(hand.source.handed.filter((message) => message.outcome === 'released')).toHaveLength(800)
  expect(hand.source.unsettled()).toBe(200)
  expect(hand.source.receipts).toEqual([])
  expect(await hand.metric('database_up')).toBe(0)
  await hand.stop()
})

it('counts bytes too: large messages fill the room before their number does', async () => {
  const hand = handBridge(`postgres://vigil@127.0.0.1:${await freePort()}/nowhere`)
  const large = Buffer.alloc(16_000_000, 'x')
  for (let i = 0; i < 10; i++) hand.source.deliverRaw('vitals/1/main/bed-1/tele', large)
  expect(await hand.metric('waiting_bytes')).toBe(64_000_000)
  expect(await hand.metric('refused_total')).toBe(6)
  await hand.stop()
})

let database: TestDatabase
let hand: HandBridge
beforeAll(async () => {
  database = await freshDatabase()
  await database.register('bed-1')
})
afterAll(async () => {
  await hand.stop()
  await database.close()
})

it('asks for what it left as soon as half the room is free again', async () => {
  hand = handBridge(database.url, { limits: { objects: 300, bytes: 10_000_000 } })
  const messages = [1, 101, 201, 301, 401].map((from) => ({ from, handed: hand.source.deliver('bed-1', 'backlog', batch(from, 100)) }))
  await until(() => hand.source.unsettled() === 0, 'what was taken to be settled')
  expect(messages.map(({ handed }) => handed.outcome)).toEqual(['stored', 'stored', 'stored', 'released', 'released'])
  expect(hand.source.asksAgain).toBe(1)
  for (const { from, handed } of messages) if (handed.outcome === 'released') hand.source.deliver('bed-1', 'backlog', batch(from, 100))
  await until(() => hand.source.unsettled() === 0, 'the rest to be settled')
  expect((await storedOf(database, 'bed-1', 'a1')).got).toEqual([[1, 500]])
})
