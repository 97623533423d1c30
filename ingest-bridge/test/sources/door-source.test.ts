import { afterAll, beforeAll, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { DoorSource } from '../../src/sources/door-source.ts'
import type { Delivery } from '../../src/sources/source.ts'
import { createConnection, type Database } from '../../src/store/connection.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let side: Database
beforeAll(async () => {
  database = await freshDatabase()
  side = createConnection({ url: database.url, name: 'test' })
  await side.use((connection) => connection.query({ text: `insert into device (id, secret_mac) values ('becalm-1', '\\x00')` }))
})
afterAll(async () => {
  await side.close()
  await database.close()
})

const ask = <R>(text: string, values: unknown[] = []) => side.use((connection) => connection.query<R>({ text, values }))
const put = (objects: unknown[]) => ask(`insert into door_inbox (device_no, objects) select no, $1 from device where id = 'becalm-1'`, [JSON.stringify(objects)])
const waiting = async () => (await ask<{ n: number }>('select count(*)::int as n from door_inbox'))[0]?.n

it('hands over what a door committed: the newest live, the rest as history; it goes when all of it is stored, and comes again when there was no room', async () => {
  const clock = manualClock(Date.now())
  const taken: Delivery[] = []
  const source = new DoorSource({ database: createConnection({ url: database.url, name: 'doors' }), clock, onFailure: (error) => expect.fail(String(error)) })
  const live: string[] = []
  source.onData(({ topic }) => live.push(topic))
  await put([{ e: 'becalm', s: 1, t: Date.now() - 5_000, m: { rr: 14 } }, { e: 'becalm', s: 2, t: Date.now(), m: { rr: 15 } }])
  await put([{ e: 'becalm', s: 3, t: Date.now() - 3_600_000, m: { rr: 16 } }])
  source.start({ onDelivery: (delivery) => taken.push(delivery) })
  await until(() => taken.length === 3, 'both rows')
  expect(taken.map(({ topic, payload }) => [topic.split('/').at(-1), JSON.parse(payload.toString())])).toMatchObject([['backlog', [{ s: 1 }]], ['tele', { s: 2 }], ['backlog', [{ s: 3 }]]])
  expect(live).toHaveLength(3)
  taken[0]?.settle('stored')
  taken[1]?.settle('dead')
  taken[2]?.settle('released')
  clock.advance(500)
  await until(() => taken.length === 4, 'the released one again')
  expect(await waiting()).toBe(1)
  taken[3]?.settle('stored')
  await source.pause()
  await source.stop()
  expect(await waiting()).toBe(0)
})
