import { connectAsync } from 'mqtt'
import type { Message } from 'rhea'
import { topicOf, type UpChannel } from '@vigil/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AmqpBridge, amqpBridge } from '../support/amqp-bridge.ts'
import { drain, fill } from '../support/amqp-client.ts'
import { type Board, connectBoard, reading } from '../support/board.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { type CutProxy, wireTo } from '../support/cut-proxy.ts'
import { databaseOn, type TestDatabase } from '../support/database.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { addressOf, deadOf, type RabbitMq, startRabbitMq } from '../support/rabbitmq.ts'
import { holdsExactly } from '../support/stored.ts'
import { until } from '../support/until.ts'

const QUEUES = ['plain', 'twice', 'poison', 'away', 'cut', 'live', 'narrow']
// This file's own servers: they are stopped and cut here.
let rabbit: RabbitMq
let server: PostgresServer
let database: TestDatabase
let broker: TestBroker
let wire: CutProxy
beforeAll(async () => {
  ;[rabbit, server, broker] = await Promise.all([startRabbitMq(QUEUES), startPostgres(), startBroker()])
  database = await databaseOn(server)
  wire = await wireTo(rabbit.port)
}, 120_000)
afterAll(async () => {
  await wire?.close()
  await database?.close()
  await Promise.all([rabbit?.stop(), server?.stop(), broker?.close()])
})

let running: AmqpBridge | undefined
let boards: Board[] = []
beforeEach(() => {
  boards = []
})
afterEach(async () => {
  await running?.bridge.stop()
  running = undefined
  await Promise.all(boards.map((board) => board.close()))
})

const EPOCH = 'a1'
const T0 = Date.UTC(2026, 2, 1)
const one = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const messageOf = (device: string, body: unknown, channel: UpChannel = 'tele'): Message => ({
  durable: true,
  application_properties: { topic: topicOf({ site: 'main', device }, channel) },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const readings = (device: string, from: number, to: number) => one(from, to).map((s) => messageOf(device, reading(EPOCH, s, T0 + s * 1_000)))
const put = (queue: string, messages: readonly Message[]) => fill(rabbit.url(), addressOf(queue), messages)
const take = (queue: string, least?: number) => drain(rabbit.url(), addressOf(queue), least)

function bridgeOn(queue: string, limits?: { objects: number; bytes: number }): AmqpBridge {
  running = amqpBridge({ databaseUrl: database.url, mqttUrl: broker.url, amqpUrl: rabbit.url(wire.port), queue: addressOf(queue), ...(limits && { limits }) })
  return running
}
async function boardOf(device: string): Promise<Board> {
  await database.register(device)
  const board = await connectBoard(broker.url, device)
  boards.push(board)
  return board
}
const receipted = (board: Board, upto: number, withinMs?: number) => until(() => board.receipts.some((receipt) => receipt.upto === upto), `a receipt up to ${upto}`, withinMs)

describe('from an AMQP queue into the database', () => {
  it('everything is stored once, receipted over MQTT, and gone from the queue', async () => {
    const board = await boardOf('bed-1')
    await put('plain', readings('bed-1', 1, 2_500))
    await bridgeOn('plain').bridge.ready()
    await receipted(board, 2_500)
    await running?.bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-1', EPOCH, one(1, 2_500))
    expect(await take('plain')).toEqual([])
    expect(await take(deadOf('plain'))).toEqual([])
  })

  it('what comes twice is stored once, counted, and gone as well', async () => {
    const board = await boardOf('bed-2')
    const { bridge, metric } = bridgeOn('twice')
    await put('twice', readings('bed-2', 1, 50))
    await put('twice', [...readings('bed-2', 31, 50), ...readings('bed-2', 51, 60)])
    await receipted(board, 60)
    await bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-2', EPOCH, one(1, 60))
    expect(await metric('duplicates_total')).toBe(20)
    expect(await take('twice')).toEqual([])
  })

  it('what can never be stored is rejected into the dead-letter queue, kept with its reason, and blocks nothing', async () => {
    const board = await boardOf('bed-3')
    await put('poison', [
      ...readings('bed-3', 1, 5),
      messageOf('bed-3', 'no JSON at all'),
      { durable: true, body: 'no topic' },
      { ...messageOf('bed-3', reading(EPOCH, 6, T0)), body: { typecode: 0x75, content: Buffer.from([0, 0xff, 0xfe]), multiple: false } },
      ...readings('bed-3', 6, 10),
    ])
    const { bridge, metric } = bridgeOn('poison')
    await receipted(board, 10)
    await bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-3', EPOCH, one(1, 10))
    expect(await metric('dead_letters_total')).toBe(3)
    expect((await take(deadOf('poison'), 3)).length).toBe(3)
    expect(await take('poison')).toEqual([])
    const codes = await database.query<{ code: string }>("select code from dead_letter where source = 'amqp' order by code")
    expect(codes.map(({ code }) => code)).toEqual(['INVALID_MESSAGE', 'MALFORMED_JSON', 'MALFORMED_JSON'])
  })
})

describe('a fault on the way', () => {
  it('with the database stopped everything is handed back to the queue, delivered again, and stored once', { timeout: 60_000 }, async () => {
    const board = await boardOf('bed-4')
    const { bridge, metric } = bridgeOn('away')
    await put('away', readings('bed-4', 1, 100))
    await receipted(board, 100)
    server.signal('SIGKILL')
    await put('away', readings('bed-4', 101, 400))
    await until(async () => (await metric('handed_back_total')) > 0, 'deliveries to be handed back', 20_000)
    await until(async () => (await metric('waiting_objects')) === 0, 'nothing to wait here')
    expect(bridge.health().find((fact) => fact.name === 'database')?.ok).toBe(false)
    expect(board.receipts.every(({ upto }) => upto <= 100)).toBe(true)
    await server.restart()
    await receipted(board, 400, 30_000)
    await bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-4', EPOCH, one(1, 400))
    expect(await take('away')).toEqual([])
    expect(await take(deadOf('away'))).toEqual([])
  })

  it('with the connection cut again and again nothing is lost, doubled, or receipted too early', { timeout: 60_000 }, async () => {
    const board = await boardOf('bed-5')
    const { bridge } = bridgeOn('cut')
    await bridge.ready()
    const filling = put('cut', readings('bed-5', 1, 6_000))
    for (let round = 1; round <= 3; round++) {
      const before = wire.connections
      await until(() => board.receipts.some(({ upto }) => upto >= round * 1_000), `a receipt for ${round * 1_000}`, 20_000)
      wire.cut()
      await until(() => wire.connections > before, 'the bridge to come back')
    }
    await filling
    await receipted(board, 6_000, 30_000)
    await bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-5', EPOCH, one(1, 6_000))
    expect(await take('cut')).toEqual([])
  })

  it('with room for little, the queue keeps the rest until there is room again', { timeout: 60_000 }, async () => {
    const board = await boardOf('bed-6')
    const arrays = one(0, 39).map((i) => messageOf('bed-6', one(1 + 50 * i, 50 + 50 * i).map((s) => reading(EPOCH, s, T0 + s * 1_000)), 'backlog'))
    await put('narrow', arrays)
    const { bridge, metric } = bridgeOn('narrow', { objects: 120, bytes: 1_000_000 })
    await receipted(board, 2_000, 40_000)
    await bridge.stop()
    await holdsExactly(database, board.receipts, 'bed-6', EPOCH, one(1, 2_000))
    expect(await metric('refused_total')).toBeGreaterThan(0)
    expect(await take('narrow')).toEqual([])
  })
})

describe('the live lane', () => {
  it('gets what is measured now before the database has it, and neither backlog nor what grew old in the queue', { timeout: 60_000 }, async () => {
    const listener = await connectAsync(broker.url)
    const heard: string[] = []
    listener.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
    await listener.subscribeAsync('vitals/1/+/+/live', { qos: 1 })
    const board = await boardOf('bed-7')
    const { bridge, metric } = bridgeOn('live')
    await bridge.ready()
    server.signal('SIGSTOP')
    try {
      const old = messageOf('bed-7', reading(EPOCH, 1, T0))
      const now = reading(EPOCH, 3, Date.now())
      await put('live', [
        { ...old, application_properties: { ...old.application_properties, received: String(Date.now() - 3_600_000) } },
        messageOf('bed-7', [reading(EPOCH, 2, T0)], 'backlog'),
        messageOf('bed-7', now),
      ])
      await until(() => heard.length > 0, 'the live value')
      expect(heard).toEqual([`vitals/1/main/bed-7/live ${JSON.stringify(now)}`])
      expect(board.receipts).toEqual([])
    } finally {
      server.signal('SIGCONT')
    }
    await receipted(board, 3, 20_000)
    expect(await metric('live_total', { outcome: 'too_old' })).toBeGreaterThan(0)
    await listener.endAsync()
  })
})
