import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databaseOn, type TestDatabase } from './support/database.ts'
import { handBridge, type HandBridge } from './support/hand-bridge.ts'
import { type PgProxy, proxyTo } from './support/pg-proxy.ts'
import { type PostgresServer, startPostgres } from './support/postgres-server.ts'
import { holdsExactly as expectExactly } from './support/stored.ts'
import { until } from './support/until.ts'

// This file's own server: it is frozen and killed here.
let server: PostgresServer
let database: TestDatabase
let proxy: PgProxy
let hand: HandBridge
beforeAll(async () => {
  server = await startPostgres()
  database = await databaseOn(server)
  proxy = await proxyTo(server.port)
})
afterAll(async () => {
  await database.close()
  await proxy.close()
  await server.stop()
})
beforeEach(() => {
  hand = handBridge(proxy.url('vigil'))
})
afterEach(async () => {
  proxy.blackHole(false)
  proxy.slow(0)
  await hand.stop()
})

const T0 = Date.UTC(2026, 2, 1)
const send = (device: string, from: number, to: number) => {
  for (let s = from; s <= to; s++) hand.source.deliver(device, 'tele', { e: 'a1', s, t: T0 + s * 1_000, m: { pr: 70 } })
}
const settled = (withinMs = 15_000) => until(() => hand.source.unsettled() === 0, 'every message to be settled', withinMs)
const one = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const databaseFact = () => hand.bridge.health().find((fact) => fact.name === 'database')

const holdsExactly = (device: string, numbers: readonly number[]) => expectExactly(database, hand.source.receipts.filter((receipt) => receipt.device === device), device, 'a1', numbers)

describe('a COMMIT whose answer is lost', () => {
  it('is found done when the batch is tried again: stored once, receipted, acknowledged', async () => {
    await database.register('bed-1')
    send('bed-1', 1, 10)
    await settled()
    for (let round = 0; round < 5; round++) {
      proxy.loseNextCommitAnswer()
      send('bed-1', 11 + 10 * round, 20 + 10 * round)
      await settled()
    }
    expect(proxy.lost).toBe(5)
    await holdsExactly('bed-1', one(1, 60))
    await until(() => hand.source.receipts.at(-1)?.upto === 60, 'the receipt')
    expect(await hand.metric('batches_total', { outcome: 'away' })).toBeGreaterThanOrEqual(5)
  })

  it('leaves a bridge that dies before its receipts nothing to forget: the next one answers the device', async () => {
    await database.register('bed-2')
    hand.source.online = false
    send('bed-2', 1, 30)
    await settled()
    expect(hand.source.receipts).toEqual([])
    await hand.stop()
    hand = handBridge(proxy.url('vigil'))
    hand.source.deliver('bed-2', 'state', { st: 'online', e: 'a1', upto: 0 })
    await until(() => hand.source.receipts.length > 0, 'the answer to the birth message')
    expect(hand.source.receipts).toEqual([{ device: 'bed-2', e: 'a1', upto: 30 }])
    send('bed-2', 1, 30)
    await settled()
    await holdsExactly('bed-2', one(1, 30))
  })
})

describe('a database that goes away', () => {
  it('killed under load and started again: nothing was receipted that is not there, nothing is lost or doubled', { timeout: 60_000 }, async () => {
    await database.register('bed-3')
    for (let round = 0; round < 3; round++) {
      let s = 1 + round * 400
      const last = s + 399
      const kill = s + 150
      for (; s <= last; s++) {
        send('bed-3', s, s)
        if (s === kill) server.signal('SIGKILL')
        if (s % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => databaseFact()?.ok === false, 'the bridge to notice')
      await server.restart()
      await settled(30_000)
      await until(() => databaseFact()?.ok === true, 'the bridge to notice that it is back')
    }
    await holdsExactly('bed-3', one(1, 1_200))
  })

  it('frozen: the bridge gives up waiting, holds what it has, and goes on when it thaws', { timeout: 60_000 }, async () => {
    await database.register('bed-4')
    send('bed-4', 1, 5)
    await settled()
    const before = hand.source.receipts.length
    server.signal('SIGSTOP')
    send('bed-4', 6, 50)
    await until(() => databaseFact()?.ok === false, 'the bridge to notice', 20_000)
    expect(hand.source.unsettled()).toBe(45)
    expect(hand.source.receipts).toHaveLength(before)
    server.signal('SIGCONT')
    await settled(30_000)
    await holdsExactly('bed-4', one(1, 50))
  })

  it('behind a connection that swallows everything: noticed, and a fresh one is made', { timeout: 60_000 }, async () => {
    await database.register('bed-5')
    send('bed-5', 1, 5)
    await settled()
    proxy.blackHole(true)
    send('bed-5', 6, 20)
    await until(() => databaseFact()?.ok === false, 'the bridge to notice', 20_000)
    proxy.blackHole(false)
    await settled(30_000)
    await holdsExactly('bed-5', one(1, 20))
  })

  it('slow, a tenth of a second for each answer: what comes meanwhile waits for the next batch, and each is stored once', async () => {
    await database.register('bed-slow')
    proxy.slow(100)
    send('bed-slow', 1, 100)
    await until(() => hand.source.receipts.length > 0, 'the first receipt', 30_000)
    send('bed-slow', 101, 200)
    expect(hand.source.unsettled()).toBeGreaterThanOrEqual(100)
    await settled(30_000)
    proxy.slow(0)
    await holdsExactly('bed-slow', one(1, 200))
  })

  it('read-only, as a standby is: nothing is receipted, and the health fact says why', async () => {
    await database.register('bed-6')
    await database.query('alter database vigil set default_transaction_read_only = on')
    proxy.cut()
    try {
      send('bed-6', 1, 5)
      await until(() => databaseFact()?.detail?.includes('read-only'), 'the bridge to say why')
      expect(hand.source.unsettled()).toBe(5)
    } finally {
      await database.query('set transaction_read_only = off; alter database vigil reset default_transaction_read_only')
      proxy.cut()
    }
    await settled()
    await holdsExactly('bed-6', one(1, 5))
  })

  it('out of connections: held, said in the health fact, and stored once when there is one again', async () => {
    await database.register('bed-8')
    await database.query('alter database vigil connection limit 0')
    proxy.cut()
    try {
      send('bed-8', 1, 5)
      await until(() => databaseFact()?.detail?.includes('53300'), 'the bridge to say why')
      expect(hand.source.unsettled()).toBe(5)
      expect(hand.source.receipts).toEqual([])
    } finally {
      await database.query('alter database vigil connection limit -1')
    }
    await settled()
    await holdsExactly('bed-8', one(1, 5))
  })

  it('does not keep the program from stopping: what is not stored stays with the devices', async () => {
    await database.register('bed-7')
    proxy.blackHole(true)
    send('bed-7', 1, 5)
    const beganAt = performance.now()
    await hand.stop()
    expect(performance.now() - beganAt).toBeLessThan(8_000)
    expect(hand.source.unsettled()).toBe(5)
    expect(hand.source.receipts).toEqual([])
  })
})
