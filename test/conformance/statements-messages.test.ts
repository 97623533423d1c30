import { generate, type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, heardBy, type Plain, publishOf, publishTo, type RawClient, startPlain, subscribeTo } from './support/plain.ts'

// Sections 1.5, 2.3, 3.3 to 3.10 and 4.2 to 4.7 of MQTT 3.1.1, packet by packet against our broker without the rules of a ward.
let plain: Plain
beforeAll(async () => {
  plain = await startPlain()
})
afterAll(() => plain.stop())

const payloads = (packets: readonly Packet[]): string[] => packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.payload.toString()] : []))
const publishes = (packets: readonly Packet[]) => packets.filter((packet) => packet.cmd === 'publish')

/** A client that listens to a topic of its own, one that speaks, and the topic. */
async function pair(qos: 0 | 1 | 2 = 0): Promise<{ listener: RawClient; speaker: RawClient; topic: string }> {
  const [listener, speaker, topic] = [await plain.client(), await plain.client(), fresh()]
  await subscribeTo(listener, topic, qos)
  return { listener, speaker, topic }
}

describe('text and names', () => {
  it('[MQTT-1.5.3-3] [MQTT-4.7.3-4] are passed on as they are: no mark is skipped, nothing is made the same', async () => {
    const [listener, speaker] = [await plain.client(), await plain.client()]
    const names = ['\uFEFFx', 'x', 'X', '\u00e9x', 'e\u0301x', '/x', 'x/', ' x'].map((name) => `${fresh()}${name}`)
    for (const name of names) await subscribeTo(listener, name)
    for (const name of names) await publishTo(speaker, name)
    expect(publishes(await heardBy(listener)).map((packet) => packet.cmd === 'publish' && packet.topic)).toEqual(names)
  })

  it.each<[string, Buffer]>([
    ['[MQTT-3.3.2-2] [MQTT-4.7.1-1] a wildcard in the topic of a message', Buffer.from([0x30, 4, 0, 1, 0x23, 0x78])],
    ['[MQTT-3.3.2-1] the topic of a message that is not UTF-8', Buffer.from([0x30, 4, 0, 2, 0xc3, 0x28])],
    ['[MQTT-4.7.3-1] an empty topic', Buffer.from([0x30, 3, 0, 0, 0x78])],
    ['[MQTT-4.7.3-2] NUL in a topic', Buffer.from([0x30, 4, 0, 2, 0x61, 0])],
    ['[MQTT-3.8.3-1] a filter that is not UTF-8', Buffer.from([0x82, 7, 0, 1, 0, 2, 0xc3, 0x28, 0])],
    ['[MQTT-3.10.3-1] a filter to leave that is not UTF-8', Buffer.from([0xa2, 6, 0, 1, 0, 2, 0xc3, 0x28])],
    ['[MQTT-2.3.1-1] SUBSCRIBE number 0', Buffer.from([0x82, 6, 0, 0, 0, 1, 0x61, 0])],
    ['[MQTT-2.3.1-5] a message at QoS 1 that ends where its number should be', Buffer.from([0x32, 3, 0, 1, 0x61])],
  ])('%s closes the connection', async (_what, bytes) => {
    const client = await plain.client()
    client.bytes(bytes)
    await client.untilClosed()
  })

  it.each(['a#', '#/a', 'a/#/b', 'a+', '+a/b'])('[MQTT-4.7.1-2] [MQTT-4.7.1-3] the filter %s is none', async (filter) => {
    const client = await plain.client()
    client.send({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: filter, qos: 0 }] })
    await client.untilClosed()
  })

  it('[MQTT-4.7.3-3] may have 65,535 bytes, which no length can go beyond', async () => {
    const { client, topic } = { client: await plain.client(), topic: `${fresh()}${'x'.repeat(65_000)}` }
    await subscribeTo(client, topic)
    await publishTo(client, topic)
    expect(topic.length).toBeLessThanOrEqual(65_535)
    expect(publishes(client.heard)).toEqual([])
  })
})

describe('a message', () => {
  it('[MQTT-3.3.2-3] [MQTT-4.3.1-1] [MQTT-3.3.1-3] comes by its own topic; DUP and QoS are those of the delivery', async () => {
    const [listener, speaker, root] = [await plain.client(), await plain.client(), fresh()]
    await subscribeTo(listener, `${root}/+`, 0)
    await publishTo(speaker, `${root}/a`, { qos: 1, messageId: 4, dup: true })
    expect(await listener.next('publish')).toMatchObject({ topic: `${root}/a`, qos: 0, dup: false })
  })

  it.each([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1], [1, 2], [2, 2]] as const)('[MQTT-3.8.4-6] at QoS %i comes at the lesser of that and the granted %i', async (sent, granted) => {
    const { listener, speaker, topic } = await pair(granted)
    speaker.send(publishOf(topic, { qos: sent, ...(sent > 0 && { messageId: 4 }) }))
    if (sent === 2) {
      await speaker.next('pubrec')
      speaker.send({ cmd: 'pubrel', messageId: 4 })
    }
    expect(await listener.next('publish')).toMatchObject({ topic, qos: Math.min(sent, granted) })
  })

  it('[MQTT-3.3.5-1] that several filters match comes at the highest QoS of them', async () => {
    const [listener, speaker, root] = [await plain.client(), await plain.client(), fresh()]
    for (const [filter, qos] of [[`${root}/#`, 0], [`${root}/a`, 1], [`${root}/+`, 0]] as const) await subscribeTo(listener, filter, qos)
    await publishTo(speaker, `${root}/a`, { qos: 1, messageId: 4 })
    const heard = publishes(await heardBy(listener))
    expect(heard.some((packet) => packet.cmd === 'publish' && packet.qos === 1)).toBe(true)
  })

  it('[MQTT-3.3.4-1] [MQTT-2.3.1-6] [MQTT-4.3.2-2] is answered by its QoS and number; the same number afterwards is another message', async () => {
    const { listener, speaker, topic } = await pair(1)
    for (const text of ['one', 'two']) {
      speaker.send(publishOf(topic, { qos: 1, messageId: 4_242, payload: Buffer.from(text) }))
      expect((await speaker.next('puback')).messageId).toBe(4_242)
    }
    expect(payloads(await heardBy(listener))).toEqual(['one', 'two'])
    await publishTo(speaker, topic)
    expect((await heardBy(speaker)).map(({ cmd }) => cmd)).toEqual([])
  })

  it('[MQTT-2.3.1-4] [MQTT-4.3.2-1] out at QoS 1 has a number that is not 0 and in nobody\'s use', async () => {
    const { listener, speaker, topic } = await pair(1)
    for (let i = 1; i <= 10; i++) speaker.send(publishOf(topic, { qos: 1, messageId: i }))
    const heard = await Promise.all(Array.from({ length: 10 }, () => listener.next('publish')))
    expect(new Set(heard.map(({ messageId }) => messageId)).size).toBe(10)
    expect(heard.every(({ messageId = 0, dup }) => messageId > 0 && !dup)).toBe(true)
  })

  it('[MQTT-2.3.1-3] [MQTT-3.3.1-1] said again is said with its number, and marked', async () => {
    const [clientId, topic, speaker] = [fresh(), fresh(), await plain.client()]
    const first = await plain.client({ clientId, clean: false })
    await subscribeTo(first, topic, 1)
    await publishTo(speaker, topic, { qos: 1, messageId: 5 })
    const before = await first.next('publish')
    first.close()
    const again = await plain.client({ clientId, clean: false })
    expect(await again.next('publish')).toMatchObject({ messageId: before.messageId, dup: true, topic })
  })

  it('[MQTT-4.5.0-2] stays with the session until it is acknowledged, and no longer', async () => {
    const [clientId, topic, speaker] = [fresh(), fresh(), await plain.client()]
    const first = await plain.client({ clientId, clean: false })
    await subscribeTo(first, topic, 1)
    await publishTo(speaker, topic, { qos: 1, messageId: 5 })
    first.send({ cmd: 'puback', messageId: (await first.next('publish')).messageId ?? 0 })
    await heardBy(first)
    first.close()
    expect(await heardBy(await plain.client({ clientId, clean: false }))).toEqual([])
  })

  it('[MQTT-4.2.0-1] is read however the bytes come', async () => {
    const { listener, speaker, topic } = await pair()
    for (const byte of generate(publishOf(topic))) speaker.bytes(Buffer.from([byte]))
    expect(await listener.next('publish')).toMatchObject({ topic })
  })
})

describe('order', () => {
  it('[MQTT-4.6.0-2] of PUBACKs and [MQTT-4.6.0-5] [MQTT-4.6.0-6] of deliveries is that of the messages', async () => {
    const { listener, speaker, topic } = await pair(1)
    const ids = [9, 3, 7, 1, 8]
    speaker.bytes(Buffer.concat(ids.map((messageId) => generate(publishOf(topic, { qos: 1, messageId, payload: Buffer.from(String(messageId)) })))))
    expect((await heardBy(speaker)).map((packet) => packet.cmd === 'puback' && packet.messageId)).toEqual(ids)
    expect(payloads(await heardBy(listener))).toEqual(ids.map(String))
  })

  it('[MQTT-4.6.0-3] of PUBRECs is that of the messages, [MQTT-4.6.0-4] of PUBRELs that of the PUBRECs', async () => {
    const { listener, speaker, topic } = await pair(2)
    const ids = [9, 3, 7]
    speaker.bytes(Buffer.concat(ids.map((messageId) => generate(publishOf(topic, { qos: 2, messageId })))))
    expect((await heardBy(speaker)).map((packet) => packet.cmd === 'pubrec' && packet.messageId)).toEqual(ids)
    for (const messageId of ids) speaker.send({ cmd: 'pubrel', messageId })
    const numbers = publishes(await heardBy(listener)).map(({ messageId }) => messageId as number)
    const order = [numbers[1], numbers[0], numbers[2]] as number[]
    for (const messageId of order) listener.send({ cmd: 'pubrec', messageId })
    expect((await heardBy(listener)).map((packet) => packet.cmd === 'pubrel' && packet.messageId)).toEqual(order)
  })
})

describe('a retained message', () => {
  const retained = (text: string) => ({ retain: true, payload: Buffer.from(text) })
  const firstWords = async (topic: string) => {
    const late = await plain.client()
    await subscribeTo(late, topic, 1)
    return publishes(await heardBy(late))
  }

  it('[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] is kept with its QoS and said, marked, to who subscribes later', async () => {
    const [topic, speaker] = [fresh(), await plain.client()]
    await publishTo(speaker, topic, { ...retained('kept'), qos: 1, messageId: 6 })
    expect(await firstWords(topic)).toMatchObject([{ topic, retain: true, qos: 1 }])
  })

  it('[MQTT-3.3.1-9] is not marked for who listens already', async () => {
    const { listener, speaker, topic } = await pair()
    await publishTo(speaker, topic, retained('now'))
    expect(await listener.next('publish')).toMatchObject({ retain: false })
  })

  it('[MQTT-3.3.1-7] takes the place of the one before, at QoS 0 too; [MQTT-3.3.1-12] a message without the flag does not', async () => {
    const [topic, speaker] = [fresh(), await plain.client()]
    await publishTo(speaker, topic, { ...retained('old'), qos: 1, messageId: 6 })
    await publishTo(speaker, topic, retained('new'))
    await publishTo(speaker, topic, { payload: Buffer.from('passing') })
    expect(payloads(await firstWords(topic))).toEqual(['new'])
  })

  it('[MQTT-3.3.1-10] [MQTT-3.3.1-11] that is empty is passed on, takes the kept one away and is not kept', async () => {
    const { listener, speaker, topic } = await pair()
    await publishTo(speaker, topic, retained('kept'))
    await publishTo(speaker, topic, { retain: true, payload: Buffer.alloc(0) })
    expect(payloads(await heardBy(listener))).toEqual(['kept', ''])
    expect(await firstWords(topic)).toEqual([])
  })
})

describe('SUBSCRIBE and UNSUBSCRIBE', () => {
  it('[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-2.3.1-7] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] is answered once, by its number, with a code for each filter in order', async () => {
    const [client, root] = [await plain.client(), fresh()]
    client.send({ cmd: 'subscribe', messageId: 1_234, subscriptions: [{ topic: `${root}/a`, qos: 2 }, { topic: `${root}/b`, qos: 0 }, { topic: `${root}/c`, qos: 1 }] })
    expect(await client.next('suback')).toMatchObject({ messageId: 1_234, granted: [2, 0, 1] })
    expect(await heardBy(client)).toEqual([])
  })

  it('[MQTT-3.8.4-3] of the same filter takes the place of the one before, and says what is kept once more', async () => {
    const [client, speaker, topic] = [await plain.client(), await plain.client(), fresh()]
    await publishTo(speaker, topic, { retain: true, payload: Buffer.from('kept') })
    await subscribeTo(client, topic, 1)
    await subscribeTo(client, topic, 0)
    await publishTo(speaker, topic, { qos: 1, messageId: 8, payload: Buffer.from('new') })
    const heard = publishes(await heardBy(client))
    expect(payloads(heard)).toEqual(['kept', 'kept', 'new'])
    expect(heard.at(-1)).toMatchObject({ qos: 0 })
  })

  it('[MQTT-3.8.3-2] knows wildcards', async () => {
    const [client, speaker, root] = [await plain.client(), await plain.client(), fresh()]
    await subscribeTo(client, `${root}/+/c`)
    await publishTo(speaker, `${root}/b/c`)
    await publishTo(speaker, `${root}/b/d`)
    expect(publishes(await heardBy(client))).toMatchObject([{ topic: `${root}/b/c` }])
  })

  it('[MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-6] ends each filter that is the same letter for letter, and no other', async () => {
    const [client, speaker, root] = [await plain.client(), await plain.client(), fresh()]
    for (const filter of [`${root}/a`, `${root}/b`, `${root}/+`]) await subscribeTo(client, filter)
    client.send({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: [`${root}/+`, `${root}/b`] })
    await client.next('unsuback')
    for (const name of ['a', 'b', 'c']) await publishTo(speaker, `${root}/${name}`)
    expect(publishes(await heardBy(client))).toMatchObject([{ topic: `${root}/a` }])
  })

  it('[MQTT-3.10.4-3] leaves what is on the way to be finished', async () => {
    const { listener, speaker, topic } = await pair(2)
    speaker.send(publishOf(topic, { qos: 2, messageId: 4 }))
    await speaker.next('pubrec')
    speaker.send({ cmd: 'pubrel', messageId: 4 })
    const { messageId = 0 } = await listener.next('publish')
    listener.send({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: [topic] })
    await listener.next('unsuback')
    listener.send({ cmd: 'pubrec', messageId })
    expect((await listener.next('pubrel')).messageId).toBe(messageId)
  })

  it('[MQTT-3.10.4-4] [MQTT-3.10.4-5] is answered by its number, also when nothing was subscribed', async () => {
    const client = await plain.client()
    client.send({ cmd: 'unsubscribe', messageId: 4_321, unsubscriptions: [fresh(), fresh()] })
    expect((await client.next('unsuback')).messageId).toBe(4_321)
  })
})
