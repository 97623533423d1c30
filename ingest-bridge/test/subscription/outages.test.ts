import { spawn } from 'node:child_process'
import { connect as connectTcp } from 'node:net'
import { systemClock } from '@vigil/program'
import rhea from 'rhea'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { consume, signed, type TestConsumer, type ConsumerOptions } from '../support/consumer.ts'
import { databaseOn, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { programToken, subscriptionOn, type TestSubscription } from '../support/subscription.ts'
import { until } from '../support/until.ts'

// This file's own server: it is killed here.
let server: PostgresServer
let database: TestDatabase
beforeAll(async () => {
  server = await startPostgres()
  database = await databaseOn(server)
  await database.register('bed-1')
})
afterAll(async () => {
  await database?.close()
  await server?.stop()
})

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
  await database.query('truncate feed; delete from consumer_group')
})

const T0 = Date.UTC(2026, 2, 1)
let epochs = 0
const one = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const distinct = (consumers: readonly TestConsumer[]) => [...new Set(consumers.flatMap(({ received }) => received.map(({ body }) => Number(body['s']))))].sort((a, b) => a - b)
const send = (hand: HandBridge, e: string, from: number, to: number) => {
  for (const s of one(from, to)) hand.source.deliver('bed-1', 'tele', { e, s, t: T0 + s * 1_000, m: { pr: 60 + (s % 40) } })
}
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
  await until(async () => (await database.query('select 1 from consumer_group where id = $1', [group])).length > 0, `group ${group}`)
  return consumer
}

describe('with PostgreSQL killed and started again', () => {
  it('a group goes on with the same consumer, and nothing is skipped', { timeout: 60_000 }, async () => {
    const { port } = await serve()
    const hand = bridge()
    const consumer = await join(port, 'records')
    const e = `e${++epochs}`
    send(hand, e, 1, 50)
    await until(() => consumer.received.length >= 50, 'the first messages')
    for (const round of [1, 2]) {
      send(hand, e, 50 * round + 1, 50 * round + 25)
      server.signal('SIGKILL')
      send(hand, e, 50 * round + 26, 50 * round + 50)
      await new Promise((resolve) => setTimeout(resolve, 200))
      await server.restart()
      await until(() => distinct([consumer]).length === 50 * round + 50, `everything of round ${round}`, 25_000)
    }
    expect(distinct([consumer])).toEqual(one(1, 150))
    expect(consumer.ended).toBeUndefined()
  })
})

describe('a consumer that is stuck', () => {
  it('harms nobody: others of its group and other groups go on, and after a minute they get what it holds', { timeout: 40_000 }, async () => {
    let ahead = 0
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead, every: (ms: number, run: () => void) => systemClock.every(Math.min(ms, 50), run) }
    const { port, metric } = await serve({ clock })
    const hand = bridge()
    const stuck = await join(port, 'shared', { settle: () => undefined, credit: 40 })
    const e = `e${++epochs}`
    send(hand, e, 1, 40)
    await until(() => stuck.held.length === 40, 'it to hold forty')
    const [healthy, other] = [await join(port, 'shared'), await join(port, 'other')]
    send(hand, e, 41, 300)
    await until(() => healthy.received.length === 260 && other.received.length === 260, 'the others to have the rest')
    // Two groups: what the stuck one holds keeps the messages behind it in memory, bounded by the group's room.
    expect(await metric('feed_messages')).toBeLessThanOrEqual(600)
    ahead = 61_000
    await until(() => stuck.ended?.includes('nothing was settled'), 'the stuck one to be sent away')
    await until(() => distinct([healthy]).length === 300, 'what it held')
    await until(async () => (await metric('feed_messages')) === 0, 'nothing to be left in memory')
  })
})

describe('a peer that misbehaves', () => {
  const goneAfter = async (port: number, bytes: Buffer) => {
    const socket = connectTcp({ port, host: '127.0.0.1' }, () => socket.write(bytes))
    open.push(() => socket.destroy())
    socket.on('error', () => undefined)
    // Without a reader the end of a stream is never noticed.
    socket.resume()
    await new Promise<void>((resolve) => socket.on('close', () => resolve()))
  }
  const header = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0])

  it.each<[string, Buffer]>([
    ['announces a frame of two gigabytes', Buffer.concat([header, Buffer.from([0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(10_000)])],
    ['talks HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['wants no sign-in', Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0])],
    ['sends rubbish', Buffer.concat([header, Buffer.from([0, 0, 0, 16, 2, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])])],
  ])('that %s is cut off, and the next consumer is served', async (_what, bytes) => {
    const { port } = await serve()
    await goneAfter(port, bytes)
    await join(port, 'records')
  })

  it('that closes with an error, opens a sender, or a second link, ends nothing but itself', async () => {
    const { port } = await serve()
    const container = rhea.create_container()
    for (const event of ['error', 'connection_error', 'sender_error', 'receiver_error', 'disconnected']) container.on(event, () => undefined)
    const said: string[] = []
    container.on('sender_error', ({ sender }) => said.push(String((sender?.error as { condition?: string } | undefined)?.condition)))
    container.on('receiver_error', ({ receiver }) => said.push(String((receiver?.error as { condition?: string } | undefined)?.condition)))
    const connection = container.connect({ host: '127.0.0.1', port, ...signed('records'), reconnect: false })
    connection.open_receiver()
    connection.open_receiver()
    connection.open_sender('in')
    await until(() => said.length === 2, 'both to be refused')
    expect(said).toEqual(['amqp:not-allowed', 'amqp:not-allowed'])
    connection.close({ condition: 'amqp:internal-error', description: 'no such handle: 0' })
    await join(port, 'other')
  })

  it('that never opens its link is sent away after fifteen seconds', async () => {
    const after = (ms: number, run: () => void) => systemClock.after(Math.min(ms, 300), run)
    const { port } = await serve({ clock: { ...systemClock, after } })
    const container = rhea.create_container()
    let ended = ''
    for (const event of ['error', 'disconnected']) container.on(event, () => undefined)
    container.on('connection_error', ({ connection }) => (ended = String((connection.error as { description?: string } | undefined)?.description)))
    container.connect({ host: '127.0.0.1', port, ...signed('records'), reconnect: false })
    await until(() => ended !== '', 'the end')
    expect(ended).toContain('no receiving link')
  })

  it('in great number does not keep a consumer out', async () => {
    const { port } = await serve()
    for (let i = 0; i < 80; i++) {
      const socket = connectTcp({ port, host: '127.0.0.1' })
      socket.on('error', () => undefined)
      open.push(() => socket.destroy())
    }
    await join(port, 'records')
  })
})

describe('what is kept for a group that does not come', () => {
  it('is bounded, and the group is told how much it missed', async () => {
    const { port, subscription } = await serve()
    const hand = bridge()
    const consumer = await join(port, 'records')
    consumer.crash()
    const e = `e${++epochs}`
    send(hand, e, 1, 30)
    await until(() => hand.source.unsettled() === 0, 'the commit')
    await subscription.stop()
    await database.query("update feed set at = now() - interval '2 hours'")
    const every = (ms: number, run: () => void) => systemClock.every(Math.min(ms, 50), run)
    const again = await serve({ clock: { ...systemClock, every } })
    await until(async () => (await database.query('select 1 from consumer_group where missed = 30')).length === 1, 'the count')
    expect(await database.query('select 1 from feed')).toEqual([])
    expect(await again.metric('feed_missed_total')).toBe(30)
    const back = await join(again.port, 'records')
    send(hand, e, 31, 40)
    await until(() => back.received.length === 10, 'what came since')
  })
})

const PROTON = `
import sys, json
from proton.utils import BlockingConnection
connection = BlockingConnection(sys.argv[1], user=sys.argv[2], password=sys.argv[3], allowed_mechs='PLAIN', heartbeat=60)
receiver = connection.create_receiver(None, credit=20)
print('joined', flush=True)
for _ in range(int(sys.argv[4])):
    message = receiver.receive(timeout=10)
    print(json.dumps([message.properties['topic'], message.properties['messageId'], message.properties['generateTime'], message.id, json.loads(bytes(message.body))['s']]), flush=True)
    receiver.accept()
connection.close()
`
describe('a client that is not ours (Qpid Proton)', () => {
  it('receives with a program token and settles; the next one goes on behind it', { timeout: 60_000 }, async () => {
    const { port } = await serve()
    const hand = bridge()
    const token = await programToken(database, `proton-${++epochs}`, 'nurse')
    const e = `e${++epochs}`
    const run = async (count: number, whenJoined: () => void): Promise<unknown[][]> => {
      const python = spawn('/usr/bin/python3', ['-c', PROTON, `amqp://127.0.0.1:${port}`, 'records', token, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      python.stdout.on('data', (chunk) => (out += chunk))
      python.stderr.on('data', (chunk) => (err += chunk))
      const ended = new Promise((resolve) => python.on('close', resolve))
      await until(() => out.includes('joined') || err !== '', `the consumer to join; python3-qpid-proton must be installed: ${err}`, 20_000)
      whenJoined()
      expect({ code: await ended, err, out: err === '' ? '' : out }).toEqual({ code: 0, err: '', out: '' })
      return out.trim().split('\n').slice(1).map((line) => JSON.parse(line) as unknown[])
    }
    const group = () => database.query('select 1 from consumer_group')
    const first = await run(30, () => void until(async () => (await group()).length > 0, 'the group').then(() => send(hand, e, 1, 50)))
    expect(first.map(([, , , , s]) => s)).toEqual(one(1, 30))
    expect(first[0]?.slice(0, 2)).toEqual(['vitals/1/main/bed-1/tele', `bed-1:${e}:1`])
    expect(first[0]?.[3]).toBe(`bed-1:${e}:1`)
    expect(typeof first[0]?.[2]).toBe('number')
    const second = await run(20, () => undefined)
    expect(second.map(([, , , , s]) => s)).toEqual(one(31, 50))
  })
})
