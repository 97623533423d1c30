import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { onTestFinished } from 'vitest'

export interface Heard {
  readonly topic: string
  readonly text: string
  readonly payload: Buffer
  readonly retain: boolean
}

export interface TestBroker {
  readonly url: string
  readonly port: number
  /** Everything clients published, in order. */
  readonly heard: Heard[]
  /** Called for every message of a client. */
  onMessage: (message: Heard) => void
  publish(topic: string, value: unknown, options?: { retain?: boolean; qos?: 0 | 1 }): void
  retained(topic: string): unknown
  clients(): number
  /** Ends every connection without a word, as a pulled plug does. */
  cut(): void
  stop(): Promise<void>
}

export interface TestBrokerOptions {
  readonly port?: number
  readonly secret?: string
  /** Filters nobody may subscribe to. */
  readonly forbidden?: readonly string[]
}

/** A real Aedes on a real socket. */
export async function startTestBroker({ port = 0, secret, forbidden = [] }: TestBrokerOptions = {}): Promise<TestBroker> {
  const aedes = await Aedes.createBroker({
    authenticate: (_client, _username, password, done) => {
      if (secret === undefined || password?.toString() === secret) return done(null, true)
      // 4: bad user name or password, MQTT 3.1.1 table 3.1.
      done(Object.assign(new TypeError('refused'), { returnCode: 4 }), false)
    },
    authorizeSubscribe: (_client, subscription, done) => done(null, forbidden.includes(subscription.topic) ? null : subscription),
  })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    aedes.handle(socket)
  })
  // Aedes takes a message overtaken by a later one for a duplicate and drops it: a time beacon at QoS 0 would cost receipts.
  aedes.on('clientReady', (client) => Object.assign(client, { duplicates: new Proxy({}, { get: () => 0, set: () => true }) }))
  aedes.on('clientError', () => {})
  aedes.on('connectionError', () => {})
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const heard: Heard[] = []
  const retainedByTopic = new Map<string, string>()
  const broker: TestBroker = {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    heard,
    onMessage: () => {},
    publish: (topic, value, { retain = false, qos = 1 } = {}) =>
      aedes.publish({ cmd: 'publish', topic, payload: typeof value === 'string' ? value : JSON.stringify(value), qos, retain, dup: false }, () => {}),
    retained: (topic) => {
      const text = retainedByTopic.get(topic)
      return text === undefined ? undefined : (JSON.parse(text) as unknown)
    },
    clients: () => aedes.connectedClients,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async stop() {
      sockets.forEach((socket) => socket.destroy())
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
    },
  }
  aedes.on('publish', (packet, client) => {
    if (packet.topic.startsWith('$')) return
    const payload = Buffer.from(packet.payload)
    const message = { topic: packet.topic, text: payload.toString(), payload, retain: packet.retain }
    if (packet.retain) retainedByTopic.set(packet.topic, message.text)
    heard.push(message)
    if (client) broker.onMessage(message)
  })
  onTestFinished(() => broker.stop())
  return broker
}
