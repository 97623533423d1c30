import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { consume, signed, type ConsumerOptions, type Received, type TestConsumer } from '../support/consumer.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { programToken, subscriptionOn, type TestSubscription } from '../support/subscription.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
  for (const device of ['bed-1', 'bed-2']) await database.register(device)
})
afterAll(() => database.close())

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
  await database.query('truncate feed; delete from consumer_group')
})

const T0 = Date.UTC(2026, 2, 1)
let epochs = 0
const newEpoch = () => `e${++epochs}`
const one = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

async function serve(options?: Parameters<typeof subscriptionOn>[1]): Promise<TestSubscription> {
  const served = await subscriptionOn(database.url, options)
  open.push(() => served.subscription.stop())
  return served
}
function bridge(): HandBridge {
  const hand = handBridge(database.url)
  open.push(() => hand.stop())
  return hand
}
async function join(port: number, group: string, options: Partial<ConsumerOptions> = {}): Promise<TestConsumer> {
  const consumer = consume({ port, ...signed(group, 'key-1', { extra: ',format=vigil' }), ...options })
  open.push(() => consumer.crash())
  await until(() => consumer.joined, `the consumer of ${group} to join; ended: ${consumer.ended}`)
  return consumer
}
const send = (hand: HandBridge, epoch: string, from: number, to: number, device = 'bed-1') => {
  for (const s of one(from, to)) hand.source.deliver(device, 'tele', { e: epoch, s, t: T0 + s * 1_000, m: { pr: 60 + (s % 40) } })
}
const numbers = (received: readonly Received[], epoch: string) => received.filter(({ body }) => body['e'] === epoch).map(({ body }) => Number(body['s']))
const distinct = (all: readonly number[]) => [...new Set(all)].sort((a, b) => a - b)
/** The group is there once its consumer is served: what is committed from then on is for it. */
const served = (group: string) => until(async () => (await database.query('select 1 from consumer_group where id = $1', [group])).length > 0, `group ${group}`)

describe('a consumer', () => {
  it('receives what was committed, as the device protocol writes it, with the properties of Alibaba Cloud IoT', async () => {
    const { port } = await serve()
    const hand = bridge()
    const consumer = await join(port, 'records')
    await served('records')
    const e = newEpoch()
    hand.source.deliver('bed-1', 'tele', { e, s: 1, t: T0, m: { pr: 72, spo2: 97.5, tcore: 37 }, q: { spo2: 'low' }, x: { temp: 'warmup' } }, T0 + 40)
    hand.source.deliver('bed-1', 'event', { e, s: 2, t: T0 + 1, ev: 'probe_off', ph: 'start', src: 'spo2' }, T0 + 50)
    hand.source.deliver('bed-1', 'backlog', [{ e, s: 20, t: T0 + 2, gap: [3, 19], why: 'overflow' }], T0 + 60)
    hand.source.deliver('bed-1', 'tele', 'nothing that can be stored', T0 + 70)
    await until(() => consumer.received.length === 3, 'three messages')
    expect(consumer.received.map(({ topic, messageId, generateTime, qos, body }) => ({ topic, messageId, generateTime, qos, body }))).toEqual([
      { topic: 'vitals/1/main/bed-1/tele', messageId: `bed-1:${e}:1`, generateTime: T0 + 40, qos: 1, body: { e, s: 1, t: T0, m: { pr: 72, spo2: 97.5, tcore: 37 }, q: { spo2: 'low' }, x: { temp: 'warmup' } } },
      { topic: 'vitals/1/main/bed-1/event', messageId: `bed-1:${e}:2`, generateTime: T0 + 50, qos: 1, body: { e, s: 2, t: T0 + 1, ev: 'probe_off', ph: 'start', src: 'spo2' } },
      { topic: 'vitals/1/main/bed-1/backlog', messageId: `bed-1:${e}:20`, generateTime: T0 + 60, qos: 1, body: { e, s: 20, gap: [3, 19] } },
    ])
  })

  it('written for Alibaba Cloud IoT finds its topics and items', async () => {
    const { port } = await serve()
    const hand = bridge()
    const consumer = await join(port, 'records', signed('records'))
    await served('records')
    const e = newEpoch()
    hand.source.deliver('bed-1', 'tele', { e, s: 7, t: T0, m: { pr: 72, spo2: 97.5, temp: 36.8 } }, T0 + 40)
    await until(() => consumer.received.length === 1, 'the message')
    const [message] = consumer.received
    expect(message?.topic).toBe('/main/bed-1/thing/event/property/post')
    expect(message?.body).toMatchObject({ productKey: 'main', deviceName: 'bed-1', gmtCreate: T0 + 40, requestId: '7', checkFailedData: {} })
    expect(message?.body['items']).toMatchObject({ HeartRate: { value: 72, time: T0 }, SpO2: { value: 97.5, time: T0 }, BodyTemperature: { value: 36.8, time: T0 }, MACAddress: { value: 'bed-1', time: T0 } })
  })

  it('is told nothing of what was committed before its group was there, and nothing is kept without a group', async () => {
    const hand = bridge()
    const e = newEpoch()
    send(hand, e, 1, 20)
    await until(() => hand.source.unsettled() === 0, 'the commit')
    expect(await database.query('select 1 from feed')).toEqual([])
    const { port } = await serve()
    const consumer = await join(port, 'records')
    await served('records')
    send(hand, e, 21, 40)
    await until(() => consumer.received.length === 20, 'what came later')
    expect(numbers(consumer.received, e)).toEqual(one(21, 40))
  })
})

describe('consumer groups', () => {
  it('are independent, and the consumers of one share its messages', async () => {
    const { port } = await serve()
    const hand = bridge()
    const [a, b] = [await join(port, 'shared', { credit: 20 }), await join(port, 'shared', { credit: 20 })]
    const alone = await join(port, 'other')
    await Promise.all([served('shared'), served('other')])
    const e = newEpoch()
    send(hand, e, 1, 400)
    await until(() => a.received.length + b.received.length >= 400 && alone.received.length >= 400, 'all messages')
    expect(distinct([...numbers(a.received, e), ...numbers(b.received, e)])).toEqual(one(1, 400))
    expect(a.received.length + b.received.length).toBe(400)
    expect(Math.min(a.received.length, b.received.length)).toBeGreaterThan(50)
    expect(numbers(alone.received, e)).toEqual(one(1, 400))
  })

  it('lose nothing when a consumer vanishes with messages in hand: the others get them', async () => {
    const { port } = await serve()
    const hand = bridge()
    const holding = await join(port, 'shared', { settle: () => undefined, credit: 50 })
    await served('shared')
    const e = newEpoch()
    send(hand, e, 1, 100)
    await until(() => holding.held.length === 50, 'fifty messages in hand')
    const other = await join(port, 'shared')
    await until(() => other.received.length === 50, 'the rest')
    holding.crash()
    await until(() => other.received.length === 100, 'what the first had')
    expect(distinct(numbers(other.received, e))).toEqual(one(1, 100))
  })

  it('go on where they were when consumer and bridge come back', async () => {
    const first = await serve()
    const hand = bridge()
    const e = newEpoch()
    const before = await join(first.port, 'records')
    await served('records')
    send(hand, e, 1, 60)
    await until(() => before.received.length === 60, 'the first messages')
    await until(async () => (await database.query('select 1 from consumer_group g where g.position = (select max(position) from feed)')).length === 1, 'the cursor')
    await first.subscription.stop()
    send(hand, e, 61, 90)
    await until(() => hand.source.unsettled() === 0, 'the commit')
    const second = await serve()
    const after = await join(second.port, 'records')
    send(hand, e, 91, 100)
    await until(() => after.received.length === 40, 'what came meanwhile')
    expect(numbers(after.received, e)).toEqual(one(61, 100))
  })

  it('are served by one bridge at a time: a consumer at another is sent away', async () => {
    const [here, there] = [await serve(), await serve()]
    await join(here.port, 'records')
    await served('records')
    const late = consume({ port: there.port, ...signed('records') })
    await until(() => late.ended?.includes('resource-locked'), 'to be sent away')
  })

  it('skip nothing that several bridges commit at the same time', { timeout: 60_000 }, async () => {
    const { port } = await serve()
    const hands = [bridge(), bridge(), bridge()]
    const consumer = await join(port, 'records', { credit: 1_000 })
    await served('records')
    const epochsOf = hands.map(newEpoch)
    for (let s = 1; s <= 300; s++) {
      for (const [i, hand] of hands.entries()) send(hand, epochsOf[i] as string, s, s, i === 0 ? 'bed-2' : 'bed-1')
      if (s % 10 === 0) await until(() => hands.some(({ source }) => source.unsettled() === 0), 'one of the bridges to have committed')
    }
    await until(() => consumer.received.length >= 900, 'all messages', 30_000)
    for (const e of epochsOf) expect(numbers(consumer.received, e)).toEqual(one(1, 300))
    const rows = await database.query<{ n: number }>('select count(*)::int as n from feed')
    expect(rows[0]?.n).toBeGreaterThan(30)
  })
})

describe('what a consumer says of a message', () => {
  it('released: it comes again; rejected: it is done with, and counted', async () => {
    const { port } = await serve()
    const hand = bridge()
    const seen = new Map<string, number>()
    await join(port, 'records', {
      settle: ({ messageId, body }) => {
        const times = (seen.get(messageId) ?? 0) + 1
        seen.set(messageId, times)
        if (body['s'] === 2) return 'reject'
        return body['s'] === 3 && times < 3 ? 'release' : 'accept'
      },
    })
    await served('records')
    const e = newEpoch()
    send(hand, e, 1, 4)
    await until(() => seen.get(`bed-1:${e}:3`) === 3, 'the third time')
    expect([...seen.values()]).toEqual([1, 1, 3, 1])
    await until(async () => (await database.query('select 1 from consumer_group where rejected = 1 and taken = 0')).length === 1, 'the count')
  })
})

describe('the sign-in', () => {
  it('takes a program token of a role that may export history, until it is taken back', async () => {
    const clock = { now: () => Date.now(), monotonic: () => performance.now() }
    const { systemClock } = await import('@vigil/program')
    const { port } = await serve({ clock: { ...systemClock, ...clock, every: (ms, run) => systemClock.every(Math.min(ms, 20), run) } })
    const token = await programToken(database, 'exporter', 'clinician')
    const consumer = await join(port, 'records', { username: 'records', password: token })
    await database.query("delete from session where kind = 'program'")
    await until(() => consumer.ended?.includes('taken back'), 'the connection to end')
  })

  it.each<[string, () => Promise<{ username: string; password: string }>]>([
    ['a wrong token', async () => ({ username: 'records', password: 'x' })],
    ['a role that may not', async () => ({ username: 'records', password: await programToken(database, 'mounted-screen', 'wall') })],
    ['a wrong signature', async () => ({ ...signed('records'), password: 'AAAA' })],
    ['a signature of an hour ago', async () => signed('records', 'key-1', { at: Date.now() - 3_600_000 })],
    ['a key nobody made', async () => signed('records', 'key-2')],
    ['a group the key may not read', async () => signed('secret-group')],
  ])('refuses %s', async (_what, credentials) => {
    const { port } = await serve()
    const consumer = consume({ port, ...(await credentials()) })
    await until(() => consumer.ended !== undefined, 'the refusal')
    expect(consumer.joined).toBe(false)
    expect(await database.query('select 1 from consumer_group')).toEqual([])
  })
})
