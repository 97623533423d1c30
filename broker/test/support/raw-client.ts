import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import { generate, type IConnackPacket, type IConnectPacket, type IPublishPacket, type ISubackPacket, type Packet, parser as createParser } from 'mqtt-packet'
import { until } from './until.ts'

/** A client that says exactly what a test wants said, byte for byte, and keeps everything it hears. */
export interface RawClient {
  readonly socket: Duplex
  readonly heard: Packet[]
  readonly closed: () => boolean
  bytes(data: Buffer): void
  send(packet: Packet): void
  next<T extends Packet['cmd']>(cmd: T, where?: (packet: Extract<Packet, { cmd: T }>) => boolean, withinMs?: number): Promise<Extract<Packet, { cmd: T }>>
  untilClosed(withinMs?: number): Promise<void>
  close(): void
}

export type ConnectOptions = Partial<Omit<IConnectPacket, 'cmd' | 'password'>> & { readonly password?: string | Buffer }

export function rawOver(socket: Duplex): RawClient {
  const parser = createParser()
  const heard: Packet[] = []
  let closed = false
  parser.on('packet', (packet: Packet) => heard.push(packet))
  // What is not MQTT (an HTTP answer) is not kept.
  parser.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => void parser.parse(chunk))
  socket.on('error', () => undefined)
  socket.on('close', () => (closed = true))
  socket.on('end', () => (closed = true))
  return {
    socket,
    heard,
    closed: () => closed,
    bytes: (data) => void socket.write(data),
    send: (packet) => void socket.write(generate(packet)),
    async next(cmd, where = () => true, withinMs) {
      const find = () => heard.findIndex((packet) => packet.cmd === cmd && where(packet as never))
      await until(`${cmd} arrives (heard ${JSON.stringify(heard.map((p) => p.cmd))})`, () => find() >= 0 || closed, withinMs)
      if (find() < 0) throw new Error(`The connection ended before ${cmd} came.`)
      return heard.splice(find(), 1)[0] as never
    },
    untilClosed: (withinMs) => until('the connection is closed', () => closed, withinMs),
    close: () => void socket.destroy(),
  }
}

export async function rawTcp(port: number): Promise<RawClient> {
  const socket: Socket = connectTcp({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return rawOver(socket)
}

export async function rawTls(port: number, ca: string): Promise<RawClient> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost' })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return rawOver(socket)
}

/** A CONNECT as a well-behaved device sends it, changed where a test says so. */
export function connectPacket(options: ConnectOptions): IConnectPacket {
  const { password, ...rest } = options
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: options.username ?? '',
    ...rest,
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  }
}

/** Connects and answers the CONNACK. */
export async function signIn(client: RawClient, options: ConnectOptions): Promise<IConnackPacket> {
  client.send(connectPacket(options))
  return client.next('connack')
}

let nextId = 1

export function publishPacket(topic: string, payload: string | Buffer = '{}', qos: 0 | 1 | 2 = 1, retain = false): IPublishPacket {
  nextId = (nextId % 60_000) + 1
  return { cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: nextId }
}

/** Publishes at QoS 1 and waits for the PUBACK. */
export async function publish(client: RawClient, topic: string, payload?: string | Buffer, retain = false): Promise<void> {
  const packet = publishPacket(topic, payload, 1, retain)
  client.send(packet)
  await client.next('puback', ({ messageId }) => messageId === packet.messageId)
}

export async function subscribe(client: RawClient, ...topics: string[]): Promise<ISubackPacket['granted']> {
  nextId = (nextId % 60_000) + 1
  client.send({ cmd: 'subscribe', messageId: nextId, subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })) })
  return (await client.next('suback')).granted
}
