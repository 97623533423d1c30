import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectPacket } from '../../broker/test/support/raw-client.ts'
import { fresh, heardBy, type Plain, publishOf, publishTo, startPlain, subscribeTo } from './support/plain.ts'

// Sections 1, 2, 3.1, 3.2, 3.12, 3.14 and 4.1 of MQTT 3.1.1, packet by packet against our broker without the rules of a ward.
let plain: Plain
beforeAll(async () => {
  plain = await startPlain()
})
afterAll(() => plain.stop())

const text = (value: string): number[] => [value.length >> 8, value.length & 0xff, ...Buffer.from(value)]
/** A CONNECT by its flags and what follows the client id. */
const rawConnect = (flags: number, rest: readonly number[] = [], id = fresh()): Buffer => {
  const body = [...text('MQTT'), 4, flags, 0, 60, ...text(id), ...rest]
  return Buffer.from([0x10, body.length, ...body])
}
const CLEAN = 0x02

async function expectClosed(bytes: Buffer): Promise<void> {
  const client = await plain.open()
  client.bytes(bytes)
  await client.untilClosed()
  expect(client.heard).toEqual([])
}

describe('a CONNECT that is none is closed without an answer', () => {
  it.each<[string, () => Buffer]>([
    ['[MQTT-3.1.0-1] something else comes first', () => generate(publishOf('t'))],
    ['[MQTT-3.1.2-1] another protocol', () => Buffer.from([0x10, 13, ...text('SMTP'), 4, 2, 0, 60, ...text('a')])],
    ['[MQTT-3.1.2-9] a will flag without a will', () => rawConnect(CLEAN | 0x04)],
    ['[MQTT-3.1.2-11] a will without its flag', () => rawConnect(CLEAN, [...text('w'), ...text('gone')])],
    ['[MQTT-3.1.2-13] QoS of a will without a will', () => rawConnect(CLEAN | 0x08)],
    ['[MQTT-3.1.2-14] a will at QoS 3', () => rawConnect(CLEAN | 0x1c, [...text('w'), ...text('gone')])],
    ['[MQTT-3.1.2-15] retain of a will without a will', () => rawConnect(CLEAN | 0x20)],
    ['[MQTT-3.1.2-18] a user name without its flag', () => rawConnect(CLEAN, text('u'))],
    ['[MQTT-3.1.2-19] the flag of a user name without one', () => rawConnect(CLEAN | 0x80)],
    ['[MQTT-3.1.2-20] a password without its flag', () => rawConnect(CLEAN | 0x80, [...text('u'), ...text('p')])],
    ['[MQTT-3.1.2-21] the flag of a password without one', () => rawConnect(CLEAN | 0xc0, text('u'))],
    ['[MQTT-3.1.3-3] no client id at all', () => Buffer.from([0x10, 10, ...text('MQTT'), 4, 2, 0, 60])],
    ['[MQTT-3.1.3-4] a client id that is not UTF-8', () => Buffer.from([0x10, 14, ...text('MQTT'), 4, 2, 0, 60, 0, 2, 0xc3, 0x28])],
    ['[MQTT-3.1.3-10] the topic of a will that is not UTF-8', () => rawConnect(CLEAN | 0x04, [0, 2, 0xc3, 0x28, ...text('gone')])],
    ['[MQTT-3.1.3-11] a user name that is not UTF-8', () => rawConnect(CLEAN | 0x80, [0, 2, 0xc3, 0x28])],
    ['[MQTT-3.1.4-1] bytes behind the last field', () => rawConnect(CLEAN, [1, 2, 3])],
  ])('%s', (_what, bytes) => expectClosed(bytes()))
})

describe('the answer to CONNECT', () => {
  it('[MQTT-3.1.2-2] [MQTT-3.2.2-4] [MQTT-3.2.2-5] is 1 for another level, with nothing present, and the end', async () => {
    const client = await plain.open()
    client.bytes(Buffer.from([0x10, 13, ...text('MQTT'), 9, 2, 0, 60, ...text('a')]))
    expect(await client.next('connack')).toMatchObject({ returnCode: 1, sessionPresent: false })
    await client.untilClosed()
  })

  it('[MQTT-3.1.3-7] [MQTT-3.1.3-8] [MQTT-3.1.3-9] is 2 for an empty client id that wants to be kept, and the end', async () => {
    const client = await plain.open()
    client.bytes(rawConnect(0, [], ''))
    expect(await client.next('connack')).toMatchObject({ returnCode: 2, sessionPresent: false })
    await client.untilClosed()
  })

  it('[MQTT-3.1.4-5] is all there is when it is a refusal: what came behind is not acted on', async () => {
    const [topic, listener] = [fresh(), await plain.client()]
    await subscribeTo(listener, topic)
    const client = await plain.open()
    client.bytes(Buffer.concat([rawConnect(0, [], ''), generate(publishOf(topic))]))
    await client.untilClosed()
    expect(await heardBy(listener)).toEqual([])
  })

  it('[MQTT-3.1.4-4] [MQTT-3.2.0-1] is 0, before anything else, for what was sent without waiting as well', async () => {
    const [client, topic] = [await plain.open(), fresh()]
    client.bytes(Buffer.concat([generate(connectPacket({ clientId: fresh() })), generate({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic, qos: 0 }] }), Buffer.from([0xc0, 0])]))
    await client.next('pingresp')
    expect(client.heard.map(({ cmd }) => cmd)).toEqual(['connack', 'suback'])
    expect(client.heard[0]).toMatchObject({ returnCode: 0 })
  })

  it.each(['a', 'Z9', 'abcdefghijklmnopqrstuvw', '01234567890123456789012'])('[MQTT-3.1.3-5] is 0 for the client id %s', async (clientId) => {
    expect((await heardBy(await plain.client({ clientId }))).length).toBe(0)
  })

  it('[MQTT-3.1.3-6] is 0 for two clients without an id, who stay two', async () => {
    const [one, other] = [await plain.client({ clientId: '' }), await plain.client({ clientId: '' })]
    for (const client of [one, other]) expect(await heardBy(client)).toEqual([])
  })

  it('[MQTT-3.1.3-1] reads client id, will, user name and password in that order', async () => {
    const [topic, listener] = [fresh(), await plain.client()]
    await subscribeTo(listener, topic)
    const client = await plain.open()
    client.bytes(rawConnect(CLEAN | 0xc4, [...text(topic), ...text('gone'), ...text('u'), ...text('p')]))
    expect((await client.next('connack')).returnCode).toBe(0)
    client.close()
    expect((await listener.next('publish')).payload.toString()).toBe('gone')
  })
})

describe('sessions', () => {
  it('[MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.2.2-2] [MQTT-4.1.0-1] [MQTT-4.5.0-1] goes on where it was: subscriptions, and what came meanwhile', async () => {
    const [clientId, topic, speaker] = [fresh(), fresh(), await plain.client()]
    const first = await plain.client({ clientId, clean: false })
    await subscribeTo(first, topic, 1)
    first.send({ cmd: 'disconnect' })
    await first.untilClosed()
    await publishTo(speaker, topic, { qos: 1, messageId: 9 })
    const again = await plain.open()
    again.send(connectPacket({ clientId, clean: false }))
    expect(await again.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: true })
    expect(await again.next('publish')).toMatchObject({ topic, qos: 1 })
  })

  it('[MQTT-3.2.2-3] is not present when there is none, nor [MQTT-3.2.2-1] [MQTT-3.1.4-3] when it begins clean, whatever was before', async () => {
    const [clientId, topic, speaker] = [fresh(), fresh(), await plain.client()]
    const first = await plain.open()
    first.send(connectPacket({ clientId, clean: false }))
    expect(await first.next('connack')).toMatchObject({ sessionPresent: false })
    await subscribeTo(first, topic, 1)
    first.send({ cmd: 'disconnect' })
    await first.untilClosed()
    for (const clean of [true, false]) {
      const next = await plain.open()
      next.send(connectPacket({ clientId, clean }))
      expect(await next.next('connack')).toMatchObject({ sessionPresent: false })
      await publishTo(speaker, topic, { qos: 1, messageId: 9 })
      expect(await heardBy(next)).toEqual([])
      next.send({ cmd: 'disconnect' })
      await next.untilClosed()
    }
  })

  it('[MQTT-3.1.4-2] [MQTT-3.1.3-2] belongs to one connection: the earlier one is ended', async () => {
    const clientId = fresh()
    const first = await plain.client({ clientId })
    const second = await plain.client({ clientId })
    await first.untilClosed()
    expect(await heardBy(second)).toEqual([])
  })

  it('[MQTT-4.1.0-2] lasts as long as its connection, a clean one too', async () => {
    const [client, topic, speaker] = [await plain.client({ clean: true }), fresh(), await plain.client()]
    await subscribeTo(client, topic, 1)
    await publishTo(speaker, topic, { qos: 1, messageId: 3 })
    expect(await client.next('publish')).toMatchObject({ topic })
  })

  it('[MQTT-3.1.2-7] that ends takes no retained message with it', async () => {
    const [topic, speaker] = [fresh(), await plain.client()]
    await publishTo(speaker, topic, { retain: true })
    speaker.send({ cmd: 'disconnect' })
    await speaker.untilClosed()
    const listener = await plain.client()
    await subscribeTo(listener, topic)
    expect(await listener.next('publish')).toMatchObject({ topic, retain: true })
  })
})

describe('a will', () => {
  const willOf = (topic: string, retain: boolean) => ({ will: { topic, payload: Buffer.from('gone'), qos: 0 as const, retain } })

  it.each([false, true])('[MQTT-3.1.2-8] [MQTT-3.1.2-16] [MQTT-3.1.2-17] is said when the connection breaks, kept if it says so (%s)', async (retain) => {
    const [topic, listener] = [fresh(), await plain.client()]
    await subscribeTo(listener, topic)
    const client = await plain.client(willOf(topic, retain))
    client.close()
    expect((await listener.next('publish')).payload.toString()).toBe('gone')
    const late = await plain.client()
    await subscribeTo(late, topic)
    expect((await heardBy(late)).map(({ cmd }) => cmd)).toEqual(retain ? ['publish'] : [])
  })

  it('[MQTT-3.1.2-10] [MQTT-3.14.4-3] is forgotten at a goodbye, and [MQTT-3.1.2-12] there is none without one', async () => {
    const [topic, listener] = [fresh(), await plain.client()]
    await subscribeTo(listener, topic)
    const polite = await plain.client(willOf(topic, false))
    polite.send({ cmd: 'disconnect' })
    await polite.untilClosed()
    ;(await plain.client()).close()
    // One that does break is heard, and nothing before it.
    const last = await plain.client({ will: { ...willOf(topic, false).will, payload: Buffer.from('last') } })
    last.close()
    expect((await listener.next('publish')).payload.toString()).toBe('last')
  })
})

describe('a connection', () => {
  it.each<[string, readonly number[]]>([
    ['[MQTT-2.2.2-1] flags that are reserved', [0xc3, 0]],
    ['[MQTT-3.14.1-1] flags in DISCONNECT', [0xe1, 0]],
    ['[MQTT-3.6.1-1] PUBREL without its flags', [0x60, 2, 0, 1]],
    ['[MQTT-3.8.1-1] SUBSCRIBE without its flags', [0x80, 6, 0, 1, 0, 1, 0x61, 0]],
    ['[MQTT-3.10.1-1] UNSUBSCRIBE without its flags', [0xa0, 5, 0, 1, 0, 1, 0x61]],
    ['[MQTT-4.8.0-1] a packet only a server sends', [0x20, 2, 0, 0]],
  ])('is closed for %s', async (_what, bytes) => {
    const client = await plain.client()
    client.bytes(Buffer.from(bytes))
    await client.untilClosed()
  })

  it('[MQTT-3.1.0-2] is closed for a second CONNECT', async () => {
    const client = await plain.client()
    client.send(connectPacket({ clientId: fresh() }))
    await client.untilClosed()
  })

  it('[MQTT-3.12.4-1] answers PINGREQ', async () => {
    expect(await heardBy(await plain.client())).toEqual([])
  })

  it('[MQTT-3.1.2-24] is closed one and a half times its keepalive after the last word', async () => {
    const client = await plain.client({ keepalive: 1 })
    await client.untilClosed(10_000)
  })
})
