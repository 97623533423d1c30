import type { Clock } from '@vigil/contract/clock'
import type { DeviceAddress } from '@vigil/contract/topics'
import type { BrokerConnection, ConnectionEvents, OutgoingMessage } from '../src/link/broker-connection.ts'
import { brokerLink } from '../src/link/broker-link.ts'
import { lastWill, subscriptions } from '../src/link/inbound.ts'
import type { Link } from '../src/link/link.ts'
import { type Ecma419Mqtt, type Ecma419MqttOptions, type MqttControl, MqttOperation, type MqttReadable, type Utf8 } from './moddable.ts'
import { createOutbox, type Outbox } from './mqtt-outbox.ts'

export interface Ecma419LinkOptions {
  readonly address: DeviceAddress
  readonly host: string
  readonly port: number
  readonly secret: string
  /** Opens a connection with what the device's network needs (resolver, socket, TLS) already in it. */
  readonly connect: (options: Ecma419MqttOptions) => Ecma419Mqtt
  readonly utf8: Utf8
  readonly clock: Clock
  readonly random: () => number
  readonly epoch: string
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

const KEEPALIVE_MS = 10_000
const SLOW_BYTES = 8 * 1024
const SUBSCRIBE_ID = 1
/** Identifiers of messages; 1 is the subscription's. */
const FIRST_ID = 2
const LAST_ID = 0xffff

/** The way to the server over ECMA-419's MQTT client. */
export function ecma419MqttLink(options: Ecma419LinkOptions): Link {
  const { address, clock, random, log } = options
  return brokerLink({ address, clock, random, log, slowBytes: SLOW_BYTES, open: (_, events) => new BoardConnection(options, events) })
}

class BoardConnection implements BrokerConnection {
  readonly #options: Ecma419LinkOptions
  readonly #events: ConnectionEvents
  readonly #client: Ecma419Mqtt
  readonly #outbox: Outbox
  readonly #settled = new Map<number, () => void>()
  #nextId = FIRST_ID
  #incoming: { readonly topic: string; readonly parts: ArrayBuffer[] } | undefined

  constructor(options: Ecma419LinkOptions, events: ConnectionEvents) {
    const { address, host, port, secret, epoch, utf8 } = options
    const will = lastWill(address, epoch)
    this.#options = options
    this.#events = events
    this.#outbox = createOutbox((data, write) => this.#client.write(data, write))
    this.#client = options.connect({
      host,
      port,
      id: address.device,
      user: address.device,
      password: secret,
      clean: true,
      keepalive: KEEPALIVE_MS,
      will: { topic: will.topic, message: utf8.encode(will.payload), QoS: 1, retain: true },
      onControl: (message) => this.#control(message),
      onReadable: (count, readable) => this.#readable(count, readable),
      onWritable: (count) => this.#outbox.writable(count),
      onError: () => events.ended('The broker could not be reached, or refused this device; check address, secret and network'),
      onClose: () => events.ended('The connection to the broker was cut'),
    })
  }

  publish({ topic, payload, retain }: OutgoingMessage, settled: () => void): void {
    const id = this.#nextId
    this.#nextId = id === LAST_ID ? FIRST_ID : id + 1
    this.#settled.set(id, settled)
    this.#outbox.push({ topic, QoS: 1, retain, id }, this.#options.utf8.encode(payload))
  }

  publishFrame(topic: string, frame: Uint8Array): void {
    this.#outbox.push({ topic, QoS: 0 }, frame.slice().buffer)
  }

  waitingBytes(): number {
    return this.#outbox.waitingBytes()
  }

  /** The client says goodbye by itself when it is closed. */
  close(): void {
    this.#client.close()
  }

  cut(): void {
    this.#client.close()
  }

  #control({ operation, id = 0 }: MqttControl): void {
    if (operation === MqttOperation.CONNACK) this.#subscribe()
    else if (operation === MqttOperation.SUBACK) this.#events.ready()
    else if (operation === MqttOperation.PUBACK) {
      const settled = this.#settled.get(id)
      this.#settled.delete(id)
      settled?.()
    }
  }

  #subscribe(): void {
    const items = Object.entries(subscriptions(this.#options.address)).map(([topic, { qos }]) => ({ topic, QoS: qos }))
    this.#outbox.push({ operation: MqttOperation.SUBSCRIBE, id: SUBSCRIBE_ID, items }, undefined)
  }

  #readable(count: number, { topic, more }: MqttReadable): void {
    if (topic !== undefined) this.#incoming = { topic, parts: [] }
    const bytes = this.#client.read(count)
    const incoming = this.#incoming
    if (!incoming || !bytes) return
    incoming.parts.push(bytes)
    if (more) return
    this.#incoming = undefined
    this.#events.message(incoming.topic, this.#options.utf8.decode(joined(incoming.parts)))
  }
}

function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const [first] = parts
  if (first && parts.length === 1) return first
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    all.set(new Uint8Array(part), at)
    at += part.byteLength
  }
  return all.buffer
}
