import { type Socket } from 'node:net'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { type Clock, type Stop } from '@vigil/contract/clock'
import { type DeviceState } from '@vigil/contract/messages/state'
import { type DeviceAddress, topicOf, type UpChannel, type WaveChannel } from '@vigil/contract/topics'
import { deliver, MOST_INBOUND_BYTES, subscriptions } from './inbound.ts'
import { type Link, type LinkHandlers, type LinkStatus } from './link.ts'
import { whyNotConnected } from './link-errors.ts'
import { reconnectDelayMs } from './reconnect.ts'

export interface MqttLinkOptions {
  readonly address: DeviceAddress
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://host:9001`; of several the next is tried when one fails. */
  readonly url: string | readonly string[]
  readonly secret: string
  /** CA certificate (PEM) the broker's certificate must be signed by; the system's own when absent. */
  readonly ca?: string
  readonly clock: Clock
  readonly random: () => number
  /** Said when the connection is lost without a goodbye. */
  readonly epoch: string
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

const KEEPALIVE_SECONDS = 10
const CONNECT_TIMEOUT_MS = 10_000
/** A message without its PUBACK for this long: the other end hangs or the line is dead. */
const UNANSWERED_MS = 15_000
const LOOK_EVERY_MS = 2_500
/** A connection that held this long was a good one: the next failure counts as the first. */
const STEADY_MS = 5_000
/** More waiting in the socket than this, and waveforms are left out so that numbers are not late. */
const SLOW_BYTES = 64 * 1024
const GOODBYE_MS = 1_000

/**
 * The MQTT connection, with the client library as a dumb pipe: a fresh client for each attempt, so that nothing of an old
 * connection is ever sent again behind the spool's back, and own delays, because the library reconnects in lock-step.
 */
export function mqttLink(options: MqttLinkOptions): Link {
  return new MqttLink(options)
}

class MqttLink implements Link {
  readonly #options: MqttLinkOptions
  #handlers: LinkHandlers | undefined
  #client: MqttClient | undefined
  #online = false
  #onlineAt = 0
  #failures = 0
  #why: string | undefined = 'Not connected yet'
  #cuts = 0
  #unreadable = 0
  #wavesDropped = 0
  #stopRetry: Stop = () => {}
  #stopLooking: Stop = () => {}
  /** When each message that waits for its PUBACK was handed over, oldest first. */
  readonly #unanswered = new Map<number, number>()
  #messageNo = 0

  constructor(options: MqttLinkOptions) {
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
    const client = this.#client
    const birth = this.#online ? this.#handlers?.birth() : undefined
    this.#handlers = undefined
    this.#client = undefined
    this.#online = false
    if (client && birth) await this.#sayGoodbye(client, { ...birth, st: 'off' })
    await client?.endAsync(true)
  }

  publish(channel: UpChannel, payload: string, { retain = false, settled }: { retain?: boolean; settled?: () => void } = {}): void {
    if (!this.#client || !this.#online) return
    const messageNo = ++this.#messageNo
    this.#unanswered.set(messageNo, this.#options.clock.monotonic())
    this.#client.publish(topicOf(this.#options.address, channel), payload, { qos: 1, retain }, (error) => {
      this.#unanswered.delete(messageNo)
      if (!error) settled?.()
    })
  }

  publishWave(channel: WaveChannel, frame: Uint8Array): void {
    const stream = this.#client?.stream
    if (!this.#client || !this.#online || (stream?.writableLength ?? 0) > SLOW_BYTES) {
      this.#wavesDropped += 1
      return
    }
    this.#client.publish(topicOf(this.#options.address, `wave/${channel}`), Buffer.from(frame.buffer, frame.byteOffset, frame.length), { qos: 0 })
  }

  status(): LinkStatus {
    return { connected: this.#online, why: this.#online ? undefined : this.#why, cuts: this.#cuts, unreadable: this.#unreadable, wavesDropped: this.#wavesDropped }
  }

  #connect(): void {
    const urls = [this.#options.url].flat()
    const client = connect(urls[this.#failures % urls.length] ?? '', this.#clientOptions())
    this.#client = client
    const current = (): boolean => this.#client === client
    client.on('connect', () => {
      // The library opens the socket with Nagle's algorithm on, which delays every second message by 40 ms.
      ;(client.stream as Partial<Socket>).setNoDelay?.(true)
      if (current()) this.#subscribe(client)
    })
    client.on('message', (topic, payload) => {
      const handlers = this.#handlers
      if (current() && handlers && !this.#isDelivered(topic, payload, handlers)) this.#unreadable += 1
    })
    client.on('error', (error) => {
      if (current()) this.#failed(whyNotConnected(error))
    })
    client.on('close', () => {
      if (current()) this.#ended(client)
    })
    client.connect()
  }

  #clientOptions(): IClientOptions {
    const { address, secret, ca, epoch } = this.#options
    const lost: DeviceState = { st: 'lost', e: epoch }
    return {
      clientId: address.device,
      username: address.device,
      password: secret,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      reschedulePings: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
      manualConnect: true,
      will: { topic: topicOf(address, 'state'), payload: Buffer.from(JSON.stringify(lost)), qos: 1, retain: true },
      ...(ca !== undefined && { ca }),
    }
  }

  #isDelivered(topic: string, payload: Buffer, handlers: LinkHandlers): boolean {
    return payload.length <= MOST_INBOUND_BYTES && deliver(this.#options.address, topic, payload.toString('utf8'), handlers)
  }

  #subscribe(client: MqttClient): void {
    client.subscribe(subscriptions(this.#options.address), (error) => {
      if (this.#client !== client || !this.#handlers) return
      if (error) {
        this.#failed('The broker does not let this device hear its receipts and commands; check its rights')
        client.stream.destroy()
        return
      }
      this.#online = true
      this.#onlineAt = this.#options.clock.monotonic()
      this.#why = undefined
      this.#options.log('link.online', {})
      this.publish('state', JSON.stringify(this.#handlers.birth()), { retain: true })
      this.#handlers.online()
    })
  }

  #failed(why: string): void {
    // The same failure over and over is said once.
    if (why !== this.#why) this.#options.log('link.failed', { why })
    this.#why = why
  }

  #ended(client: MqttClient): void {
    this.#client = undefined
    this.#unanswered.clear()
    client.removeAllListeners('close')
    client.end(true)
    if (this.#online) {
      this.#online = false
      this.#cuts += 1
      if (this.#options.clock.monotonic() - this.#onlineAt >= STEADY_MS) this.#failures = 0
      this.#failed('The connection to the broker was cut')
      this.#handlers?.offline()
    }
    const delayMs = reconnectDelayMs(this.#failures, this.#options.random)
    this.#failures += 1
    this.#stopRetry = this.#options.clock.after(delayMs, () => this.#connect())
  }

  #look(): void {
    const [oldest] = this.#unanswered.values()
    if (oldest === undefined || this.#options.clock.monotonic() - oldest < UNANSWERED_MS) return
    this.#failed('The broker stopped answering')
    this.#client?.stream.destroy()
  }

  /** `off` and a DISCONNECT, so that the broker forgets the last will; not waited for without end. */
  async #sayGoodbye(client: MqttClient, off: DeviceState): Promise<void> {
    await new Promise<void>((resolve) => {
      const stopWaiting = this.#options.clock.after(GOODBYE_MS, resolve)
      client.publish(topicOf(this.#options.address, 'state'), JSON.stringify(off), { qos: 1, retain: true }, () => {
        client.end(false, {}, () => {
          stopWaiting()
          resolve()
        })
      })
    })
  }
}
