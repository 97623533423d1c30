import { silentLog, systemClock } from '@vigil/program'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { afterEach, describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/index.ts'
import { MqttSource, type MqttSourceOptions } from '../../src/sources/mqtt-source.ts'
import { type Answer, muteBroker, politeAnswer } from '../support/mute-broker.ts'
import { until } from '../support/until.ts'

const opened: { stop?: () => Promise<void>; close?: () => Promise<void> }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await (thing.stop?.() ?? thing.close?.())
})

function sourceTo(url: string, options: Partial<MqttSourceOptions> = {}) {
  const source = new MqttSource({ url, username: 'bridge', password: 'secret', clientId: 'bridge-1', persistent: false, clock: systemClock, random: () => 0, log: silentLog, ...options })
  const deliveries: Delivery[] = []
  opened.push(source)
  source.start({ onDelivery: (delivery) => deliveries.push(delivery) })
  return { source, deliveries }
}
async function broker(answer = politeAnswer) {
  const made = await muteBroker(answer)
  opened.push(made)
  return made
}
const publish = (messageId: number, topic = 'vitals/1/main/bed-1/tele') => ({ cmd: 'publish', qos: 1, dup: false, retain: false, topic, payload: Buffer.from('{}'), messageId }) as const

describe('towards the broker', () => {
  it('signs in as the bridge and asks for what every device sends, once each', async () => {
    const far = await broker()
    await sourceTo(far.url).source.ready()
    expect(far.packets[0]).toMatchObject({ cmd: 'connect', clientId: 'bridge-1', username: 'bridge', password: Buffer.from('secret'), clean: true, keepalive: 10, protocolVersion: 4 })
    expect(far.packets[1]).toMatchObject({ cmd: 'subscribe', subscriptions: ['tele', 'backlog', 'event', 'state'].map((channel) => ({ topic: `vitals/1/+/+/${channel}`, qos: 1 })) })
  })

  it('shares the data with other bridges where it is told to, but answers every birth message', async () => {
    const far = await broker()
    await sourceTo(far.url, { group: 'bridges' }).source.ready()
    expect(far.packets[1]).toMatchObject({ subscriptions: [{ topic: '$share/bridges/vitals/1/+/+/tele' }, { topic: '$share/bridges/vitals/1/+/+/backlog' }, { topic: '$share/bridges/vitals/1/+/+/event' }, { topic: 'vitals/1/+/+/state' }] })
  })

  it('acknowledges nothing before it is settled, then everything of a batch in any order', async () => {
    const far = await broker()
    const { source, deliveries } = sourceTo(far.url)
    await source.ready()
    for (const id of [7, 8, 9]) far.say(publish(id))
    await until(() => deliveries.length === 3, 'the messages')
    expect(far.packets.filter((packet) => packet.cmd === 'puback')).toEqual([])
    deliveries[2]?.settle('stored')
    deliveries[0]?.settle('dead')
    await until(() => far.packets.filter((packet) => packet.cmd === 'puback').length === 2, 'the acknowledgements')
    expect(far.packets.filter((packet) => packet.cmd === 'puback').map((packet) => packet.messageId)).toEqual([9, 7])
  })

  it('acknowledges nothing on another connection than the message came by', async () => {
    const far = await broker()
    const { source, deliveries } = sourceTo(far.url)
    await source.ready()
    far.say(publish(7))
    await until(() => deliveries.length === 1, 'the message')
    far.sayRaw(Buffer.from([0, 0]))
    await until(() => source.facts().connected && far.connections === 2, 'the second connection')
    deliveries[0]?.settle('stored')
    far.say(publish(8))
    await until(() => deliveries.length === 2, 'the next message')
    deliveries[1]?.settle('stored')
    await until(() => far.packets.some((packet) => packet.cmd === 'puback'), 'an acknowledgement')
    expect(far.packets.filter((packet) => packet.cmd === 'puback').map((packet) => packet.messageId)).toEqual([8])
  })

  it('leaves no message there was no room for in the window of a broker that would not deliver it again', async () => {
    const far = await broker()
    const { source, deliveries } = sourceTo(far.url)
    await source.ready()
    for (const id of [7, 8]) far.say(publish(id))
    await until(() => deliveries.length === 2, 'the messages')
    for (const delivery of deliveries) delivery.settle('released')
    await until(() => far.packets.filter((packet) => packet.cmd === 'puback').length === 2, 'the places to be freed')
    source.roomAgain()
    expect(source.facts().connected).toBe(true)
  })

  it('fetches them again from a broker that keeps them', async () => {
    const far = await broker()
    const { source, deliveries } = sourceTo(far.url, { persistent: true })
    await source.ready()
    expect(far.packets[0]).toMatchObject({ cmd: 'connect', clean: false })
    far.say(publish(7))
    await until(() => deliveries.length === 1, 'the message')
    deliveries[0]?.settle('released')
    source.roomAgain()
    await until(() => far.connections === 2, 'a new connection')
    expect(far.packets.some((packet) => packet.cmd === 'puback')).toBe(false)
  })

  it('acknowledges what a resumed session delivers before anything is subscribed', async () => {
    const far = await broker((packet) => {
      if (packet.cmd === 'connect') queueMicrotask(() => far.say(publish(41)))
      return politeAnswer(packet)
    })
    const { deliveries } = sourceTo(far.url, { persistent: true })
    await until(() => deliveries.length === 1, 'the kept message')
    deliveries[0]?.settle('stored')
    await until(() => far.packets.some((packet) => packet.cmd === 'puback' && packet.messageId === 41), 'its acknowledgement')
  })

  it('says goodbye: unsubscribes, acknowledges what was finished, disconnects', async () => {
    const far = await broker()
    const { source, deliveries } = sourceTo(far.url)
    await source.ready()
    far.say(publish(7))
    await until(() => deliveries.length === 1, 'the message')
    await source.pause()
    far.say(publish(8))
    deliveries[0]?.settle('stored')
    await source.stop()
    await until(() => far.packets.at(-1)?.cmd === 'disconnect', 'the goodbye')
    expect(far.packets.slice(2).map((packet) => packet.cmd)).toEqual(['unsubscribe', 'puback', 'disconnect'])
    expect(deliveries).toHaveLength(1)
  })
})

describe('a broker in trouble', () => {
  const refusesPassword: Answer = (packet) => (packet.cmd === 'connect' ? { cmd: 'connack', returnCode: 4, sessionPresent: false } : undefined)
  const refusesTopic: Answer = (packet) => (packet.cmd === 'subscribe' ? { cmd: 'suback', messageId: 1, granted: [1, 128, 1, 1] } : politeAnswer(packet))
  it.each<[string, Answer, string]>([
    ['refuses the password', refusesPassword, 'user name and password'],
    ['refuses the subscription', refusesTopic, 'vitals/1/+/+/backlog'],
  ])('that %s is named in the health fact, and tried again', async (_what, answer, why) => {
    const far = await broker(answer)
    const { source } = sourceTo(far.url)
    await until(() => far.connections >= 2, 'another try')
    expect(source.facts()).toMatchObject({ connected: false, detail: expect.stringContaining(why) })
    expect(source.canPublish()).toBe(false)
    expect(source.publish('vitals/1/main/bed-1/receipt', '{}')).toBe(false)
  })

  it('that goes silent is left within twenty seconds, after being asked', async () => {
    let silent = false
    const far = await broker((packet) => (silent ? undefined : politeAnswer(packet)))
    const clock = manualClock()
    const { source } = sourceTo(far.url, { clock })
    await until(() => source.facts().connected, 'the connection')
    silent = true
    clock.advance(7_500)
    await until(() => far.packets.some((packet) => packet.cmd === 'pingreq'), 'the question')
    expect(source.facts().connected).toBe(true)
    clock.advance(15_000)
    expect(source.facts()).toEqual({ connected: false, detail: 'the broker has gone silent' })
    await source.stop()
    expect(clock.pending()).toBe(0)
  })

  it('that announces an absurd packet is left before it fills the memory', async () => {
    const far = await broker()
    const { source } = sourceTo(far.url)
    await source.ready()
    far.sayRaw(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
    far.sayRaw(Buffer.alloc(17 * 1024 * 1024))
    await until(() => source.facts().detail.includes('16 MiB'), 'the connection to be left')
  })

  it('is asked again after a growing, scattered while', async () => {
    const clock = manualClock()
    const refused = await muteBroker(() => undefined)
    const { url } = refused
    await refused.close()
    const waits: number[] = []
    const log = { ...silentLog, warn: (fields: { delayMs: number }) => waits.push(fields.delayMs), info: () => {} } as unknown as typeof silentLog
    const { source } = sourceTo(url, { clock, random: () => 0.5, log })
    for (let tries = 1; tries <= 9; tries++) {
      await until(() => waits.length === tries, 'the next failure')
      clock.advance(30_000)
    }
    expect(waits).toEqual([500, 750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250, 15_250])
    await source.stop()
  })
})

it.each(['http://127.0.0.1', 'mqtt', 'ws://127.0.0.1:9001'])('refuses %s as the address of a broker, naming the setting', (url) => {
  expect(() => new MqttSource({ url, username: 'b', password: 'p', clientId: 'c', persistent: false, clock: systemClock, random: Math.random, log: silentLog })).toThrow(/VIGIL_MQTT_URL/)
})
