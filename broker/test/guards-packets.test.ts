import { afterEach, describe, expect, it } from 'vitest'
import { generate } from 'mqtt-packet'
import type { BrokerLimits, RefusalReason } from '../src/index.ts'
import { connectPacket, publish, publishPacket, signIn, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

let ward: TestBroker
afterEach(() => ward.stop())
const start = async (limits: Partial<BrokerLimits> = {}) => (ward = await startTestBroker({ limits }))

const tele = 'vitals/1/main/board-1/tele'

/** The first bytes of a packet that announces `length` more. */
function announcing(first: number, length: number): Buffer {
  const bytes = [first]
  for (let left = length; ; left >>>= 7) {
    bytes.push(left > 127 ? (left & 127) | 128 : left)
    if (left <= 127) return Buffer.from(bytes)
  }
}

/** Another client is served as if nothing had happened. */
async function expectWardGoesOn(): Promise<void> {
  const neighbour = await ward.device('board-2')
  await publish(neighbour, 'vitals/1/main/board-2/tele')
  neighbour.close()
}

async function expectRefused(reason: RefusalReason, times = 1): Promise<void> {
  await until(`${reason} is counted`, async () => (await ward.refused(reason)) === times)
  await expectWardGoesOn()
}

describe('packet size', () => {
  it('refuses a CONNECT of 256 MB at its announcement, before a byte of it is kept', async () => {
    await start()
    const client = await ward.raw()
    client.bytes(announcing(0x10, 268_435_455))
    await client.untilClosed()
    await expectRefused('packet_size')
  })

  it('refuses a CONNECT of 17 KiB, and takes one of 15 KiB', async () => {
    await start()
    const client = await ward.raw()
    client.bytes(generate(connectPacket({ username: 'board-1', password: Buffer.alloc(17 * 1024, 97) })))
    await client.untilClosed()
    expect((await signIn(await ward.raw(), { username: 'board-1', password: Buffer.alloc(15 * 1024, 97) })).returnCode).toBe(4)
    await expectRefused('packet_size')
  })

  it('takes a message of 200 KB after sign-in, and refuses one of 10 MB', async () => {
    await start()
    const device = await ward.device('board-1')
    await publish(device, tele, Buffer.alloc(200_000, 32))
    device.bytes(announcing(0x30, 10 * 1024 * 1024))
    device.bytes(Buffer.alloc(1024 * 1024))
    await device.untilClosed()
    await expectRefused('packet_size')
  })
})

describe('topics', () => {
  it.each([
    ['500 levels', Array.from({ length: 500 }, () => 'a').join('/')],
    ['nine levels', 'vitals/1/main/board-1/tele/a/b/c/d'],
    ['60,000 characters', 'a'.repeat(60_000)],
    ['an empty level', 'vitals/1//board-1/tele'],
    ['a space', 'vitals/1/main/board 1/tele'],
    ['an escape character', 'vitals/1/main/board-1/\u001b[2J'],
    ['dots', 'vitals/1/main/../board-2/tele'],
    ['a wildcard', 'vitals/1/main/+/tele'],
    ['letters of another script', 'vitals/1/main/плата/tele'],
  ])('refuses to publish on a topic with %s', async (_what, topic) => {
    await start()
    const device = await ward.device('board-1')
    device.send(publishPacket(topic, 'x', 0))
    await device.untilClosed()
    await expectRefused('topic')
  })

  it.each([['500 levels', Array.from({ length: 500 }, () => '+').join('/')], ['a space', 'a b']])('refuses a filter with %s', async (_what, topic) => {
    await start()
    const device = await ward.device('board-1')
    device.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
    await device.untilClosed()
    await expectRefused('topic')
  })

  it('refuses more filters in one SUBSCRIBE than anybody needs', async () => {
    await start()
    const device = await ward.device('board-1')
    device.send({ cmd: 'subscribe', messageId: 1, subscriptions: Array.from({ length: 51 }, (_, i) => ({ topic: `a/${i}`, qos: 0 as const })) })
    await device.untilClosed()
    await expectRefused('subscriptions')
  })

  it('gives a program no more subscriptions than anybody needs', async () => {
    await start({ subscriptions: 3 })
    const central = await ward.service('central')
    expect(await subscribe(central, 'vitals/1/+/+/tele', 'vitals/1/+/+/state', 'vitals/1/+/+/live')).toEqual([1, 1, 1])
    expect(await subscribe(central, 'vitals/1/+/+/event')).toEqual([0x80])
    await expectRefused('subscribe_right')
  })
})

describe('text that is not text', () => {
  const topics: [string, Buffer][] = [
    ['NUL', Buffer.from('vitals/1/main/board-1/te\0le')],
    ['a cut sequence', Buffer.from([0x76, 0xe2, 0x82])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['an overlong slash', Buffer.from([0x61, 0xc0, 0xaf])],
  ]
  it.each(topics)('refuses a topic with %s', async (_what, topic) => {
    await start()
    const device = await ward.device('board-1')
    device.bytes(Buffer.concat([announcing(0x30, topic.length + 2), Buffer.from([0, topic.length]), topic]))
    await device.untilClosed()
    await expectRefused('text')
  })

  it('refuses a client id with NUL before anybody is asked who it is', async () => {
    await start()
    const client = await ward.raw()
    client.send(connectPacket({ username: 'board-1', password: secretOf('board-1'), clientId: 'a\0b' }))
    await client.untilClosed()
    await expectRefused('text')
  })
})

describe('packets out of place', () => {
  const cases: [string, Buffer, RefusalReason][] = [
    ['a message at QoS 2', generate(publishPacket(tele, '{}', 2)), 'qos2'],
    ['packet identifier 0', Buffer.concat([announcing(0x32, 2 + tele.length + 2), Buffer.from([0, tele.length]), Buffer.from(tele), Buffer.from([0, 0])]), 'malformed'],
    ['a second CONNECT', generate(connectPacket({ username: 'board-1', password: 'x' })), 'protocol_order'],
    ['a CONNACK', Buffer.from([0x20, 2, 0, 0]), 'protocol_order'],
    ['a PUBREL', Buffer.from([0x62, 2, 0, 1]), 'protocol_order'],
    ['a packet type that does not exist', Buffer.from([0, 0]), 'malformed'],
    ['an endless length', Buffer.from([0x30, 255, 255, 255, 255, 1]), 'malformed'],
    ['a SUBSCRIBE without filters', Buffer.from([0x82, 2, 0, 1]), 'malformed'],
    ['an UNSUBSCRIBE without filters', Buffer.from([0xa2, 2, 0, 1]), 'malformed'],
    ['both QoS bits', Buffer.from([0x36, 0]), 'malformed'],
  ]
  it.each(cases)('closes the connection for %s', async (_what, bytes, reason) => {
    await start()
    const device = await ward.device('board-1')
    device.bytes(bytes)
    await device.untilClosed()
    await expectRefused(reason)
  })

  it('closes a connection whose first packet is not CONNECT', async () => {
    await start()
    const client = await ward.raw()
    client.send(publishPacket(tele))
    await client.untilClosed()
    await expectRefused('protocol_order')
  })

  it('grants QoS 1 to who asks for QoS 2, and says so', async () => {
    await start()
    const device = await ward.device('board-1')
    device.send({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'vitals/1/main/board-1/command', qos: 2 }] })
    expect((await device.next('suback')).granted).toEqual([1])
  })
})

describe('rates', () => {
  it('answers a device that is faster than its rate later, in order, and loses nothing', async () => {
    await start({ messagesPerSecond: 200, messagesBurst: 20 })
    const bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    const device = await ward.device('board-1')
    const packets = Array.from({ length: 120 }, (_, i) => publishPacket(tele, String(i)))
    device.bytes(Buffer.concat(packets.map((packet) => generate(packet))))
    for (const packet of packets) expect((await device.next('puback')).messageId).toBe(packet.messageId)
    for (let i = 0; i < packets.length; i++) expect((await bridge.next('publish')).payload.toString()).toBe(String(i))
    expect(await ward.refused('message_rate')).toBe(0)
  })

  it('passes on what a device said before its goodbye, also when it was faster than its rate', async () => {
    await start({ messagesPerSecond: 10, messagesBurst: 10 })
    const bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    const device = await ward.device('board-1')
    const packets = Array.from({ length: 200 }, (_, i) => generate(publishPacket(tele, String(i), 0)))
    device.bytes(Buffer.concat([...packets, Buffer.from([0xe0, 0])]))
    for (let i = 0; i < packets.length; i++) expect((await bridge.next('publish')).payload.toString()).toBe(String(i))
  })

  it('cuts a device that goes on regardless', async () => {
    await start({ messagesPerSecond: 10, messagesBurst: 10, heldMessages: 50 })
    const device = await ward.device('board-1')
    device.bytes(Buffer.concat(Array.from({ length: 500 }, () => generate(publishPacket(tele, 'x', 0)))))
    await device.untilClosed()
    await expectRefused('message_rate')
  })

  it('cuts a device that floods with pings, or a stranger who does', async () => {
    await start({ controlPerSecond: 10, controlBurst: 50 })
    const device = await ward.device('board-1')
    device.bytes(Buffer.concat(Array.from({ length: 500 }, () => Buffer.from([0xc0, 0]))))
    await device.untilClosed()
    await expectRefused('control_rate')
  })

  it('does not count what our own programs acknowledge', async () => {
    await start({ controlPerSecond: 1, controlBurst: 10 })
    const bridge = await ward.service('bridge')
    bridge.bytes(Buffer.concat(Array.from({ length: 500 }, () => Buffer.from([0x40, 2, 0, 1]))))
    await publish(bridge, 'vitals/1/main/board-1/receipt', '{"e":"a","upto":1}')
  })
})
