import { type Clock, type Stop } from '@vigil/contract/clock'
import { type DeviceAddress, topicOf, type UpChannel, type WaveChannel } from '@vigil/contract/topics'
import { deliver, subscriptions } from '../src/link/inbound.ts'
import { type Link, type LinkHandlers, type LinkStatus } from '../src/link/link.ts'
import { reconnectDelayMs } from '../src/link/reconnect.ts'
import { type Ecma419Mqtt, type Ecma419MqttOptions, type MqttControl, MqttOperation, type MqttReadable, type MqttWrite, type Utf8 } from './moddable.ts'
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
const UNANSWERED_MS = 15_000
const LOOK_EVERY_MS = 2_500
const STEADY_MS = 5_000
/** More than this waiting to be written, and waveforms are left out. */
const SLOW_BYTES = 8 * 1024
const SUBSCRIBE_ID = 1
/** Identifiers of messages; 1 is the subscription's. */
const FIRST_ID = 2
const LAST_ID = 0xffff
const GOODBYE_MS = 1_000

/** The way to the server over ECMA-419's MQTT client: at least once for what has a number, nothing kept. */
export function ecma419MqttLink(options: Ecma419LinkOptions): Link {
  return new BoardLink(options)
}

class BoardLink implements Link {
  readonly #options: Ecma419LinkOptions
  #handlers: LinkHandlers | undefined
  #client: Ecma419Mqtt | undefined
  #outbox: Outbox | undefined
  #online = false
  #onlineAt = 0
  #failures = 0
  #why: string | undefined = 'Not connected yet'
  #cuts = 0
  #unreadable = 0
  #wavesDropped = 0
  #nextId = FIRST_ID
  #stopRetry: Stop = () => {}
  #stopLooking: Stop = () => {}
  #incoming: { readonly topic: string; readonly parts: ArrayBuffer[] } | undefined
  /** Messages that wait for their PUBACK, oldest first. */
  readonly #unanswered = new Map<number, { readonly sinceMs: number; readonly settled: () => void }>()

  constructor(options: Ecma419LinkOptions) {
    this.#options = options
  }

  start(handlers: LinkHandlers): void {
    this.#handlers = handlers
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, () => this.#look())
    this.#connect()
  }

  async stop(): Promise<void> {
    this.#stopRetry()
    this.#stopLooking()
    const birth = this.#online ? this.#handlers?.birth() : undefined
    this.#handlers = undefined
    if (birth) {
      await new Promise<void>((resolve) => {
        this.#options.clock.after(GOODBYE_MS, resolve)
        this.#send('state', JSON.stringify({ ...birth, st: 'off' }), true, resolve)
      })
    }
    this.#online = false
    this.#client?.close()
    this.#client = undefined
  }

  publish(channel: UpChannel, payload: string, { retain = false, settled = () => {} }: { retain?: boolean; settled?: () => void } = {}): void {
    if (this.#online) this.#send(channel, payload, retain, settled)
  }

  publishWave(channel: WaveChannel, frame: Uint8Array): void {
    if (!this.#online || !this.#outbox || this.#outbox.waitingBytes() > SLOW_BYTES) {
      this.#wavesDropped += 1
      return
    }
    this.#outbox.push({ topic: topicOf(this.#options.address, `wave/${channel}`), QoS: 0 }, frame.slice().buffer)
  }

  status(): LinkStatus {
    return { connected: this.#online, why: this.#online ? undefined : this.#why, cuts: this.#cuts, unreadable: this.#unreadable, wavesDropped: this.#wavesDropped }
  }

  #send(channel: UpChannel, payload: string, retain: boolean, settled: () => void): void {
    const id = this.#nextId
    this.#nextId = id === LAST_ID ? FIRST_ID : id + 1
    this.#unanswered.set(id, { sinceMs: this.#options.clock.monotonic(), settled })
    this.#outbox?.push({ topic: topicOf(this.#options.address, channel), QoS: 1, retain, id }, this.#options.utf8.encode(payload))
  }

  #connect(): void {
    const { address, host, port, secret, epoch, utf8 } = this.#options
    // A callback of a connection that was given up must not touch the next one.
    const current = <A extends unknown[]>(run: (...args: A) => void) => (...args: A): void => {
      if (this.#client === client) run(...args)
    }
    const client: Ecma419Mqtt = this.#options.connect({
      host,
      port,
      id: address.device,
      user: address.device,
      password: secret,
      clean: true,
      keepalive: KEEPALIVE_MS,
      will: { topic: topicOf(address, 'state'), message: utf8.encode(JSON.stringify({ st: 'lost', e: epoch })), QoS: 1, retain: true },
      onControl: (message) => current(() => this.#control(message))(),
      onReadable: (count, options) => current(() => this.#readable(count, options))(),
      onWritable: (count) => current(() => this.#outbox?.writable(count))(),
      onError: () => current(() => this.#ended('The broker could not be reached, or refused this device; check address, secret and network'))(),
      onClose: () => current(() => this.#ended('The connection to the broker was cut'))(),
    })
    this.#client = client
    this.#outbox = createOutbox((data, options) => client.write(data, options))
  }

  #control({ operation, id }: MqttControl): void {
    if (operation === MqttOperation.CONNACK) this.#subscribe()
    else if (operation === MqttOperation.SUBACK) this.#established()
    else if (operation === MqttOperation.PUBACK && id !== undefined) {
      const answered = this.#unanswered.get(id)
      this.#unanswered.delete(id)
      answered?.settled()
    }
  }

  #subscribe(): void {
    const items = Object.entries(subscriptions(this.#options.address)).map(([topic, { qos }]) => ({ topic, QoS: qos }))
    const subscribe: MqttWrite = { operation: MqttOperation.SUBSCRIBE, id: SUBSCRIBE_ID, items }
    this.#outbox?.push(subscribe, undefined)
  }

  #established(): void {
    if (this.#online || !this.#handlers) return
    this.#online = true
    this.#onlineAt = this.#options.clock.monotonic()
    this.#why = undefined
    this.#options.log('link.online', {})
    this.#send('state', JSON.stringify(this.#handlers.birth()), true, () => {})
    this.#handlers.online()
  }

  #readable(count: number, { topic, more }: MqttReadable): void {
    if (topic !== undefined) this.#incoming = { topic, parts: [] }
    const bytes = this.#client?.read(count)
    const incoming = this.#incoming
    if (!incoming || !bytes) return
    incoming.parts.push(bytes)
    if (more || !this.#handlers) return
    this.#incoming = undefined
    if (!deliver(this.#options.address, incoming.topic, this.#options.utf8.decode(joined(incoming.parts)), this.#handlers)) this.#unreadable += 1
  }

  #ended(why: string): void {
    const { clock, random, log } = this.#options
    this.#client = undefined
    this.#outbox = undefined
    this.#incoming = undefined
    this.#unanswered.clear()
    if (why !== this.#why) log('link.failed', { why })
    this.#why = why
    if (this.#online) {
      this.#online = false
      this.#cuts += 1
      if (clock.monotonic() - this.#onlineAt >= STEADY_MS) this.#failures = 0
      this.#handlers?.offline()
    }
    if (!this.#handlers) return
    this.#stopRetry = clock.after(reconnectDelayMs(this.#failures, random), () => this.#connect())
    this.#failures += 1
  }

  #look(): void {
    const [oldest] = this.#unanswered.values()
    if (!oldest || this.#options.clock.monotonic() - oldest.sinceMs < UNANSWERED_MS) return
    // A client that failed has closed itself; this one has not.
    this.#client?.close()
    this.#ended('The broker stopped answering')
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
