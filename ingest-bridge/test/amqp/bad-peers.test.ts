import { createServer, type AddressInfo, type Socket } from 'node:net'
import { silentLog, systemClock } from '@vigil/program'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import rhea from 'rhea'
import { afterEach, describe, expect, it } from 'vitest'
import { AmqpQueue } from '../../src/sources/amqp-queue.ts'
import { AmqpSource } from '../../src/sources/amqp-source.ts'
import type { Delivery } from '../../src/index.ts'
import { until } from '../support/until.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A peer that plays AMQP by hand, or not at all. */
async function rawPeer(onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

/** A peer by the library, without a queue behind it. */
async function listeningPeer(setUp: (container: ReturnType<typeof rhea.create_container>) => void) {
  const container = rhea.create_container()
  for (const event of ['error', 'connection_error', 'session_error', 'sender_error', 'receiver_error', 'disconnected', 'protocol_error']) container.on(event, () => undefined)
  setUp(container)
  const server = container.listen({ port: 0, host: '127.0.0.1', receiver_options: { autoaccept: false } } as Parameters<typeof container.listen>[0])
  await new Promise((resolve) => server.once('listening', resolve))
  open.push(() => server.close())
  return { url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const ports = { containerId: 'test', queue: 'vitals', clock: systemClock, random: () => 0, log: silentLog }
function sourceFrom(url: string, clock = systemClock) {
  const deliveries: Delivery[] = []
  const source = new AmqpSource({ ...ports, clock, url })
  source.start({ onDelivery: (delivery) => deliveries.push(delivery) })
  open.push(() => source.stop())
  return { source, deliveries }
}

describe('a peer in trouble', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['talks something else', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['talks AMQP 0-9-1', (socket) => socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]))],
    ['sends frames of rubbish', (socket) => socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0, 0, 0, 0, 12, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]))],
    ['hangs up at once', (socket) => socket.destroy()],
  ])('that %s is left and tried again, and the program goes on', async (_what, onSocket) => {
    const { url, sockets } = await rawPeer(onSocket)
    const { source } = sourceFrom(url)
    await until(() => sockets.length >= 2, 'another try')
    expect(source.facts().connected).toBe(false)
    expect(source.facts().detail).not.toBe('not connected yet')
  })

  it('that announces an absurd frame is left before it fills the memory', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    const { url } = await rawPeer((socket) => {
      socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0, 0x7f, 0xff, 0xff, 0xff]))
      for (let i = 0; i < 20; i++) socket.write(chunk)
    })
    const { source } = sourceFrom(url)
    await until(() => source.facts().detail.includes('16 MiB'), 'the connection to be left')
  })

  it('that never answers is left after ten seconds', async () => {
    const clock = manualClock()
    const { url, sockets } = await rawPeer(() => undefined)
    const { source } = sourceFrom(url, clock)
    await until(() => sockets.length === 1, 'the connection')
    clock.advance(10_000)
    expect(source.facts()).toEqual({ connected: false, detail: 'the AMQP peer does not answer' })
    await source.stop()
    expect(clock.pending()).toBe(0)
  })

  it('that ends the connection with an error is named in the health fact', async () => {
    const { url } = await listeningPeer((container) => {
      container.on('receiver_open', () => undefined)
      container.on('sender_open', ({ connection }) => connection.close({ condition: 'amqp:connection:forced', description: 'maintenance' }))
    })
    const { source } = sourceFrom(url)
    await until(() => source.facts().detail.includes('maintenance'), 'the reason')
  })

  it('that sends a message nobody can decode has it read as bytes without a topic, and goes on', async () => {
    const { url } = await listeningPeer((container) => {
      container.once('sendable', ({ sender }) => {
        sender?.send(Buffer.from([0x00, 0x53, 0x75, 0xb0, 0xff, 0xff]), 'one', 0)
        sender?.send({ subject: 'vitals/1/main/bed-1/tele', body: '{}' })
      })
    })
    const { deliveries } = sourceFrom(url)
    await until(() => deliveries.length >= 2, 'both messages')
    expect(deliveries.slice(0, 2).map(({ topic }) => topic)).toEqual(['', 'vitals/1/main/bed-1/tele'])
  })

  it('is told "released" of the one and "accepted" of the other, also when both are said in one turn', async () => {
    const told: string[] = []
    const { url } = await listeningPeer((container) => {
      container.once('sendable', ({ sender }) => {
        for (const n of [0, 1, 2, 3]) sender?.send({ subject: `vitals/1/main/bed-${n}/tele`, body: '{}' })
      })
      for (const outcome of ['accepted', 'released', 'rejected']) container.on(outcome, ({ delivery }) => told.push(`${delivery?.id} ${outcome}`))
    })
    const { deliveries } = sourceFrom(url)
    await until(() => deliveries.length === 4, 'all messages')
    for (const [i, outcome] of (['stored', 'released', 'stored', 'dead'] as const).entries()) deliveries[i]?.settle(outcome)
    await until(() => told.length === 4, 'all outcomes')
    expect(told).toEqual(['0 accepted', '1 released', '2 accepted', '3 rejected'])
  })

  it('that refuses a message is asked again until it accepts, and each refusal is counted', async () => {
    let seen = 0
    const { url } = await listeningPeer((container) => {
      container.on('message', ({ delivery }) => (++seen < 3 ? delivery?.[seen === 1 ? 'reject' : 'release']() : delivery?.accept()))
    })
    const refusals: string[] = []
    let accepted = 0
    const queue = new AmqpQueue({ ...ports, url, onNotAccepted: (how) => refusals.push(how) })
    queue.start()
    open.push(() => queue.stop())
    queue.put({ topic: 'a', payload: Buffer.from('{}'), receivedAt: Date.UTC(2026, 2, 1) }, () => accepted++)
    await until(() => accepted === 1, 'the message to be accepted')
    expect({ seen, refusals }).toEqual({ seen: 3, refusals: ['rejected', 'released'] })
  })
})
