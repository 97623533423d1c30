import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import mqtt, { type ISubscriptionMap, type MqttClient } from 'mqtt'
import { AppError, type Channel, type Clock, filterForAll, retryDelayMs, type Stop, upChannels } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { doneWithin } from '../time-limit.ts'
import type { BrokerLink } from './broker-link.ts'
import type { Message } from './live-hub.ts'

export interface MqttLinkOptions {
  readonly url: string
  /** A second use of a client id ends the first: every program of every central station has its own. */
  readonly clientId: string
  readonly username: string
  readonly password: string
  /** File with the CA certificate of the broker. */
  readonly ca?: string | undefined
  /** What it listens to, at QoS 1, in place of everything devices say. */
  readonly filters?: readonly string[]
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Log
  readonly onMessage: (message: Message) => void
}

const RECONNECT = { firstMs: 500, longestMs: 15_000 }
const ACK_LIMIT_MS = 5_000
const KEEPALIVE_S = 10
const GOODBYE_LIMIT_MS = 1_000

/**
 * What is measured comes every second and is worth nothing late: an acknowledgement of each would cost both sides a write, and on a clean
 * session nothing is sent again anyhow.
 */
const MEASURED: readonly Channel[] = ['tele', 'backlog', 'live']
const SUBSCRIPTIONS: ISubscriptionMap = Object.fromEntries([
  ...upChannels.map((channel): [string, { qos: 0 | 1 }] => [filterForAll(channel), { qos: MEASURED.includes(channel) ? 0 : 1 }]),
  [filterForAll('live'), { qos: 0 }],
  [filterForAll('wave/+'), { qos: 0 }],
])

/** MQTT.js as a plain pipe: no queue of its own, our own back-off, Nagle off. */
export function connectMqtt(options: MqttLinkOptions): BrokerLink {
  return new MqttLink(options)
}

class MqttLink implements BrokerLink {
  readonly #options: MqttLinkOptions
  readonly #client: MqttClient
  readonly #listeners = new Set<() => void>()
  #failures = 0
  #waiting: Stop | undefined
  #stopped = false

  constructor(options: MqttLinkOptions) {
    this.#options = options
    const { url, clientId, username, password, ca } = options
    this.#client = mqtt.connect(url, {
      clientId,
      username,
      password,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      resubscribe: false,
      queueQoSZero: false,
      manualConnect: true,
      ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
    })
    this.#client.on('connect', () => void this.#connected())
    this.#client.on('close', () => this.#reconnectLater())
    this.#client.on('error', (err) => options.log.warn({ reason: err.message }, 'broker_link.error'))
    this.#client.on('message', (topic, payload, { retain }) => options.onMessage({ topic, payload, retained: retain }))
    this.#client.connect()
  }

  connected(): boolean {
    return this.#client.connected
  }

  async publish(topic: string, payload: string, { qos, retain = false }: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    if (!this.#client.connected) throw brokerAway()
    try {
      const sent = this.#client.publishAsync(topic, payload, { qos, retain })
      if (!(await doneWithin(this.#options.clock, ACK_LIMIT_MS, sent))) throw brokerAway()
    } catch (cause) {
      throw cause instanceof AppError ? cause : brokerAway(cause)
    }
  }

  onConnect(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#waiting?.()
    await doneWithin(this.#options.clock, GOODBYE_LIMIT_MS, this.#client.endAsync(false))
    // Undefined when it never came to a connection.
    const stream = this.#client.stream as Socket | undefined
    stream?.destroy()
  }

  async #connected(): Promise<void> {
    const { log, filters } = this.#options
    this.#failures = 0
    // Nagle holds small packets back for up to 40 ms; MQTT.js has no setting for it. A WebSocket stream has no such method.
    const stream = this.#client.stream as Partial<Socket>
    stream.setNoDelay?.(true)
    try {
      const granted = await this.#client.subscribeAsync(filters ? [...filters] : SUBSCRIPTIONS, ...(filters ? [{ qos: 1 as const }] : []))
      const refused = granted.filter(({ qos }) => qos > 2).map(({ topic }) => topic)
      if (refused.length > 0) log.error({ refused }, 'broker_link.subscriptions_refused')
      log.info({ filters: granted.length - refused.length }, 'broker_link.connected')
      for (const listener of this.#listeners) listener()
    } catch (err) {
      log.warn({ err }, 'broker_link.not_subscribed')
      this.#client.stream.destroy()
    }
  }

  #reconnectLater(): void {
    if (this.#stopped || this.#waiting) return
    const delayMs = retryDelayMs(this.#failures++, RECONNECT, this.#options.random)
    this.#waiting = this.#options.clock.after(delayMs, () => {
      this.#waiting = undefined
      if (!this.#stopped) this.#client.reconnect()
    })
  }
}

function brokerAway(cause?: unknown): AppError {
  return new AppError('BROKER_AWAY', 'The MQTT broker cannot be reached at the moment. Devices keep their data; try again shortly.', { cause })
}
