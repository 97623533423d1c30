import type { Clock, Stop } from '@vigil/contract/clock'
import type { BrokerConnection, ConnectionEvents, OutgoingMessage } from './broker-connection.ts'
import type { ByteStream, StreamOptions } from './byte-stream.ts'
import { MOST_INBOUND_BYTES } from './inbound.ts'
import { whyNotConnected, whyRefused } from './link-errors.ts'
import { connectPacket, type ConnectPacket, disconnectPacket, filtersTaken, identifierOf, PacketType, pingPacket, pubackPacket, publishPacket, readPublish, type ReceivedPacket, returnCode, subscribePacket } from './mqtt-packets.ts'
import { createPacketReader } from './mqtt-reader.ts'
import { openByteStream } from './open-byte-stream.ts'

export interface MqttSessionOptions extends StreamOptions, Omit<ConnectPacket, 'keepaliveS'> {
  readonly subscriptions: Readonly<Record<string, { readonly qos: 0 | 1; readonly mayLack?: true }>>
  readonly clock: Clock
}

const NO_MQTT = 'What answers at the address of the broker does not speak MQTT'
const KEEPALIVE_S = 10
/** Nothing heard for so long after a ping: the line is dead. */
const SILENT_MS = 15_000
/** A packet is kept up to this length: the longest message a server sends, and its topic. */
const KEEP_BYTES = MOST_INBOUND_BYTES + 1_024
const SUBSCRIBE_ID = 1
const FIRST_ID = 2
const LAST_ID = 0xffff

/** One MQTT 3.1.1 session with a clean start, over TCP, TLS or WebSocket: as much of the protocol as a device says and hears. */
export function openMqttSession(options: MqttSessionOptions, events: ConnectionEvents): BrokerConnection {
  return new MqttSession(options, events)
}

class MqttSession implements BrokerConnection {
  readonly #options: MqttSessionOptions
  readonly #events: ConnectionEvents
  readonly #stream: ByteStream
  readonly #settled = new Map<number, () => void>()
  #stopPing: Stop = () => {}
  #nextId = FIRST_ID
  #heardAt: number
  #isLetIn = false
  #over = false

  constructor(options: MqttSessionOptions, events: ConnectionEvents) {
    this.#options = options
    this.#events = events
    this.#heardAt = options.clock.monotonic()
    const read = createPacketReader(KEEP_BYTES, (packet) => this.#receive(packet))
    this.#stream = openByteStream(options, {
      open: () => this.#stream.write(connectPacket({ ...options, keepaliveS: KEEPALIVE_S })),
      data: (bytes) => {
        this.#heardAt = options.clock.monotonic()
        if (!this.#over && !read(bytes)) this.#fail(NO_MQTT)
      },
      ended: (error) => this.#fail(error ? whyNotConnected(error) : 'The connection to the broker was cut'),
    })
  }

  publish({ topic, payload, retain }: OutgoingMessage, settled: () => void): void {
    const id = this.#freeId()
    this.#settled.set(id, settled)
    this.#stream.write(publishPacket({ topic, payload: Buffer.from(payload), retain, id }))
  }

  publishFrame(topic: string, frame: Uint8Array): void {
    this.#stream.write(publishPacket({ topic, payload: frame, retain: false, id: undefined }))
  }

  waitingBytes(): number {
    return this.#stream.waitingBytes()
  }

  close(): void {
    this.#stream.write(disconnectPacket())
    this.#finish()
    this.#stream.end()
  }

  cut(): void {
    this.#finish()
    this.#stream.destroy()
  }

  #freeId(): number {
    const id = this.#nextId
    this.#nextId = id === LAST_ID ? FIRST_ID : id + 1
    return this.#settled.has(id) ? this.#freeId() : id
  }

  #receive(packet: ReceivedPacket): void {
    if (this.#over) return
    if (!this.#isLetIn) this.#enter(packet)
    else if (packet.type === PacketType.PUBLISH) this.#hear(packet)
    else if (packet.type === PacketType.PUBACK) this.#answered(identifierOf(packet))
    else if (packet.type === PacketType.SUBACK) this.#subscribed(filtersTaken(packet))
  }

  /** The first thing a broker says is whether it lets the device in. */
  #enter(packet: ReceivedPacket): void {
    if (packet.type !== PacketType.CONNACK) return this.#fail(NO_MQTT)
    const code = returnCode(packet)
    if (code !== 0) return this.#fail(whyRefused(code))
    this.#isLetIn = true
    this.#stopPing = this.#options.clock.every(KEEPALIVE_S * 1_000, () => this.#ping())
    this.#stream.write(subscribePacket(SUBSCRIBE_ID, this.#options.subscriptions))
  }

  #subscribed(taken: readonly boolean[]): void {
    const refused = Object.entries(this.#options.subscriptions).filter((_, i) => taken[i] !== true)
    if (refused.every(([, { mayLack }]) => mayLack)) this.#events.ready(refused.map(([topic]) => topic))
    else this.#fail('The broker does not let this device hear its receipts and commands; check its rights')
  }

  #answered(id: number | undefined): void {
    const settled = this.#settled.get(id ?? 0)
    if (id !== undefined) this.#settled.delete(id)
    settled?.()
  }

  #hear(packet: ReceivedPacket): void {
    const message = readPublish(packet)
    if (!message) return this.#fail('The broker sent something that is not MQTT')
    // Acknowledged before it is acted upon, as MQTT asks: whether a command was done is said by its reply.
    if (message.id !== undefined) this.#stream.write(pubackPacket(message.id))
    const { payload } = message
    this.#events.message(message.topic, payload && payload.length <= MOST_INBOUND_BYTES ? payload.toString('utf8') : undefined)
  }

  #ping(): void {
    if (this.#options.clock.monotonic() - this.#heardAt >= SILENT_MS) this.#fail('The broker stopped answering')
    else this.#stream.write(pingPacket())
  }

  #fail(why: string): void {
    if (this.#over) return
    this.#finish()
    this.#stream.destroy()
    this.#events.ended(why)
  }

  #finish(): void {
    this.#over = true
    this.#stopPing()
  }
}
