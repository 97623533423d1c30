import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import mqtt, { type MqttClient } from 'mqtt'
import { parseTopic, topicOf, type Channel } from '@vigil/contract'
import { until } from '@vigil/ops/testing'

export interface TestBroker {
  readonly url: string
  /** What it takes in and brings to nobody, from now on. */
  swallow: (topic: string) => boolean
  /** How many of the next to sign in it turns away (CONNACK 5). */
  turnsAway: number
  /** Cuts every connection and stops listening; what it held is gone. */
  stop(): Promise<void>
}

/** A plain Aedes, real MQTT over TCP. */
export async function startBroker(port = 0): Promise<TestBroker> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const broker: TestBroker = {
    swallow: () => false,
    turnsAway: 0,
    url: `mqtt://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      await new Promise<void>((resolve) => {
        aedes.close(() => resolve())
      })
    },
  }
  aedes.authorizePublish = (_client, packet, done) => {
    if (broker.swallow(packet.topic)) packet.topic = 'swallowed'
    done(null)
  }
  aedes.authenticate = (_client, _user, _password, done) => {
    if (broker.turnsAway <= 0) return done(null, true)
    broker.turnsAway -= 1
    done(Object.assign(new Error('not now'), { returnCode: 5 }), false)
  }
  return broker
}

export interface TestDevice {
  readonly id: string
  readonly heard: { readonly channel: Channel; readonly body: Record<string, unknown>; readonly retain: boolean }[]
  say(channel: Channel, body: unknown, options?: { retain?: boolean }): Promise<void>
  sayBytes(channel: Channel, bytes: Uint8Array): Promise<void>
  /** Waits for a message on a channel that fits. */
  hears(channel: Channel, fits?: (body: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  leave(): Promise<void>
}

/** A board as the broker sees it: real MQTT, its own topics. */
export async function joinAsDevice(url: string, id: string, site = 'main'): Promise<TestDevice> {
  const client: MqttClient = await mqtt.connectAsync(url, { clientId: `${id}-${Math.random().toString(36).slice(2)}`, reconnectPeriod: 0 })
  const heard: TestDevice['heard'] = []
  client.on('message', (topic, payload, packet) => {
    const parsed = parseTopic(topic)
    if (parsed) heard.push({ channel: parsed.channel, body: JSON.parse(payload.toString()) as Record<string, unknown>, retain: packet.retain })
  })
  await client.subscribeAsync(['command', 'config/desired', 'receipt', 'alarm'].map((channel) => topicOf({ site, device: id }, channel as Channel)), { qos: 1 })
  return {
    id,
    heard,
    say: async (channel, body, { retain = false } = {}) => void (await client.publishAsync(topicOf({ site, device: id }, channel), typeof body === 'string' ? body : JSON.stringify(body), { qos: 1, retain })),
    sayBytes: async (channel, bytes) => void (await client.publishAsync(topicOf({ site, device: id }, channel), Buffer.from(bytes), { qos: 0 })),
    hears: (channel, fits = () => true) => until(`${id} to hear ${channel}`, 5_000, () => heard.find((m) => m.channel === channel && fits(m.body))?.body),
    leave: () => client.endAsync(true),
  }
}
