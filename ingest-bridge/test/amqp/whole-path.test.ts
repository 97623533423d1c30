import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMetrics, silentLog } from '@vigil/program'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Bridge, startForward } from '../../src/index.ts'
import { amqpBridge } from '../support/amqp-bridge.ts'
import { drain } from '../support/amqp-client.ts'
import { type Board, connectBoard, reading } from '../support/board.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { type CutProxy, wireTo } from '../support/cut-proxy.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { muteBroker, politeAnswer } from '../support/mute-broker.ts'
import { addressOf, deadOf, type RabbitMq, startRabbitMq } from '../support/rabbitmq.ts'
import { holdsExactly } from '../support/stored.ts'
import { until } from '../support/until.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
let rabbit: RabbitMq
let database: TestDatabase
let broker: TestBroker
let wire: CutProxy
beforeAll(async () => {
  ;[rabbit, broker, database] = await Promise.all([startRabbitMq(['path', 'buffer', 'strict', 'foreign', 'program']), startBroker(), freshDatabase()])
  wire = await wireTo(rabbit.port)
}, 120_000)
afterAll(async () => {
  await wire?.close()
  await Promise.all([rabbit?.stop(), broker?.close(), database?.close()])
})

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const EPOCH = 'a1'
const one = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
function forwardTo(queue: string, mqttUrl = broker.url) {
  const metrics = createMetrics('bridge')
  const forward = startForward({ mqtt: { url: mqttUrl, username: 'bridge', password: 'x' }, amqp: { url: rabbit.url(wire.port), queue: addressOf(queue) }, log: silentLog, metrics })
  open.push(() => forward.stop())
  return { forward, metrics }
}
function sourceFrom(queue: string): Bridge {
  const { bridge } = amqpBridge({ databaseUrl: database.url, mqttUrl: broker.url, amqpUrl: rabbit.url(wire.port), queue: addressOf(queue) })
  open.push(() => bridge.stop())
  return bridge
}
async function boardOf(device: string): Promise<Board> {
  await database.register(device)
  const board = await connectBoard(broker.url, device)
  open.push(() => board.close())
  return board
}
const send = (board: Board, from: number, to: number) => Promise.all(one(from, to).map((s) => board.send('tele', reading(EPOCH, s, Date.now()))))
const receipted = (board: Board, upto: number, withinMs = 30_000) => until(() => board.receipts.some((receipt) => receipt.upto === upto), `a receipt up to ${upto}`, withinMs)

describe('board, broker, forward bridge, RabbitMQ, source bridge, database', () => {
  it('a board has its receipt after the whole path, with wires cut on the way', { timeout: 60_000 }, async () => {
    const board = await boardOf('bed-1')
    const { forward } = forwardTo('path')
    const bridge = sourceFrom('path')
    await Promise.all([forward.ready(), bridge.ready()])
    await send(board, 1, 300)
    await receipted(board, 300)
    const before = wire.connections
    wire.cut()
    await send(board, 301, 600)
    await until(() => wire.connections >= before + 2, 'both bridges to come back')
    await receipted(board, 600)
    await holdsExactly(database, board.receipts, 'bed-1', EPOCH, one(1, 600))
    expect(await database.query("select 1 from dead_letter where source = 'amqp'")).toEqual([])
  })

  it('the queue keeps everything while nobody reads it, also when RabbitMQ is killed', { timeout: 120_000 }, async () => {
    const board = await boardOf('bed-2')
    const { forward, metrics } = forwardTo('buffer')
    await forward.ready()
    const forwarded = async () => (await metrics.getSingleMetric('vigil_bridge_forwarded_total')?.get())?.values[0]?.value ?? 0
    await send(board, 1, 200)
    await until(async () => (await forwarded()) === 200, 'the queue to accept')
    await rabbit.crash()
    await send(board, 201, 250)
    await until(async () => (await forwarded()) === 250, 'the forward bridge to come back', 60_000)
    expect(board.receipts).toEqual([])
    sourceFrom('buffer')
    await receipted(board, 250)
    await holdsExactly(database, board.receipts, 'bed-2', EPOCH, one(1, 250))
  })
})

describe('the forward bridge', () => {
  it('acknowledges to the broker only what the queue has accepted', { timeout: 60_000 }, async () => {
    const far = await muteBroker(politeAnswer)
    open.push(() => far.close())
    const { forward } = forwardTo('strict', far.url)
    await forward.ready()
    const publish = (messageId: number) => far.say({ cmd: 'publish', qos: 1, dup: false, retain: false, topic: 'vitals/1/main/bed-3/tele', payload: Buffer.from(`{"n":${messageId}}`), messageId })
    const acknowledged = () => far.packets.filter((packet) => packet.cmd === 'puback').map((packet) => packet.messageId)
    publish(7)
    await until(() => acknowledged().length === 1, 'the acknowledgement')
    await wire.close()
    await until(() => forward.health().some(({ name, ok }) => name === 'amqp' && !ok), 'the queue to be away')
    publish(8)
    await until(() => forward.health().some(({ detail }) => detail === '1 messages waiting'), 'the message to wait')
    expect(acknowledged()).toEqual([7])
    const messages = await drain(rabbit.url(), addressOf('strict'), 1)
    expect(messages.map((message) => [message.application_properties?.['topic'], message.body.content.toString(), message.durable])).toEqual([['vitals/1/main/bed-3/tele', '{"n":7}', true]])
    wire = await wireTo(rabbit.port)
  })
})

const PROTON = `
import sys
from proton import Message
from proton.utils import BlockingConnection
connection = BlockingConnection(sys.argv[1], user=sys.argv[2], password=sys.argv[3], allowed_mechs='PLAIN')
sender = connection.create_sender(sys.argv[4])
for body in (b'{"e":"a1","s":1,"t":%s,"m":{"pr":71}}' % sys.argv[5].encode(), '{"e":"a1","s":2,"t":%s,"m":{"pr":72}}' % sys.argv[5], {"e": "a1", "s": 3, "t": int(sys.argv[5]), "m": {"pr": 73}}):
    sender.send(Message(body=body, durable=True, properties={'topic': 'vitals/1/main/bed-4/tele'}))
connection.close()
`
describe('a client that is not ours', () => {
  it('puts bytes, text and a map into the queue, and all are stored', { timeout: 60_000 }, async () => {
    const board = await boardOf('bed-4')
    const { port, username, password } = new URL(rabbit.url())
    const python = spawn('/usr/bin/python3', ['-c', PROTON, `amqp://127.0.0.1:${port}`, username, decodeURIComponent(password), addressOf('foreign'), String(Date.now())], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    python.stderr.on('data', (chunk) => (said += chunk))
    const code = await new Promise((resolve) => python.on('close', resolve))
    expect({ code, said }, 'python3-qpid-proton must be installed: apt-get install python3-qpid-proton').toEqual({ code: 0, said: '' })
    sourceFrom('foreign')
    await receipted(board, 3)
    await holdsExactly(database, board.receipts, 'bed-4', EPOCH, [1, 2, 3])
    expect(await drain(rabbit.url(), addressOf(deadOf('foreign')))).toEqual([])
  })
})

describe('as a program', () => {
  it('forwards without a database, prints its ready line without the password, and stops cleanly', { timeout: 60_000 }, async () => {
    const data = mkdtempSync(join(tmpdir(), 'vigil-forward-'))
    open.push(async () => rmSync(data, { recursive: true }))
    const env = { PATH: process.env['PATH'] ?? '', VIGIL_DATA: data, VIGIL_MQTT_URL: broker.url, VIGIL_BRIDGE_HEALTH_PORT: '0', VIGIL_BRIDGE_MODE: 'forward', VIGIL_AMQP_URL: rabbit.url(), VIGIL_AMQP_QUEUE: addressOf('program') }
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    open.push(async () => child.kill('SIGKILL'))
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    await until(() => out.includes('\n'), `the ready line; so far ${err}`, 30_000)
    expect(JSON.parse(out)).toMatchObject({ ready: true, mode: 'forward' })
    const board = await connectBoard(broker.url, 'bed-5')
    open.push(() => board.close())
    await board.send('tele', reading(EPOCH, 1, Date.now()))
    expect(await drain(rabbit.url(), addressOf('program'), 1)).toHaveLength(1)
    const exited = new Promise((resolve) => child.on('exit', resolve))
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(out + err).not.toContain('word')
  })
})
