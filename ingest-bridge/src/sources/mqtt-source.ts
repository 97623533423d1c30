import { filterForAll, retryDelayMs, type Channel, type Clock, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { IPublishPacket } from 'mqtt-packet'
import { MqttLink } from './mqtt-link.ts'
import { type MqttAddress, readMqttUrl } from './mqtt-socket.ts'
import type { Publisher, Source, SourceHandlers } from './source.ts'

export interface MqttSourceOptions extends MqttAddress {
  readonly username: string
  readonly password: string
  readonly clientId: string
  /**
   * The broker keeps what we have not acknowledged while we are away. For brokers with a store of their own; the devices keep
   * their data until its receipt in any case.
   */
  readonly persistent: boolean
  /** Shares the devices with other bridges of this group (`$share/<group>/`), where the broker knows shared subscriptions. */
  readonly group?: string | undefined
  /** What to take from every device; `dataChannels` unless told. */
  readonly data?: readonly (Channel | 'wave/+')[]
  /** Whether birth messages are taken as well; they are unless told. */
  readonly births?: boolean
  /** Leaves a released message unacknowledged whatever the broker: what was not taken is never said to be. */
  readonly strict?: boolean
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** The channels that carry what is stored. */
export const dataChannels: readonly Channel[] = ['tele', 'backlog', 'event']
const RECONNECT = { leastMs: 500, firstMs: 500, longestMs: 30_000 }
/** A broker that reads slower than we write receipts is not written to beyond this; the receipts wait and join up. */
const MAX_UNSENT_BYTES = 1024 * 1024
/** A broker that does not answer is not waited for when the program stops. */
const PAUSE_WITHIN_MS = 1_000
const SUBSCRIPTION_REFUSED = 0x80
const SUBSCRIBE_ID = 1
const UNSUBSCRIBE_ID = 2
const FIRST_PUBLISH_ID = 3
const LAST_PACKET_ID = 0xffff

/**
 * The MQTT side of the durable lane. Speaks MQTT itself, because a client library answers PUBACK when its handler returns: ours
 * is sent when the message is committed, hundreds at a time.
 */
export class MqttSource implements Source, Publisher {
  readonly name = 'mqtt'
  readonly #options: MqttSourceOptions
  readonly #filters: readonly string[]
  readonly #first = Promise.withResolvers<void>()
  #handlers: SourceHandlers | undefined
  #link: MqttLink | undefined
  /** Counts connections: a packet id means something on the one it came by only. */
  #connection = 0
  #subscribed = false
  #detail = 'not connected yet'
  #failures = 0
  #stopped = false
  #cancelRetry: Stop | undefined
  #publishId = FIRST_PUBLISH_ID
  /** Packet ids of this connection to acknowledge at the end of the turn. */
  #settled: number[] = []
  /** A broker with a store holds messages there was no room for: they come again on a new connection. */
  #leftBehind = false

  /** @throws AppError `SETTINGS_INVALID` when the URL is none of a broker. */
  constructor(options: MqttSourceOptions) {
    readMqttUrl(options.url)
    this.#options = options
    // Every bridge answers every birth message: shared subscriptions get no retained messages, and a second receipt does no harm.
    const { data = dataChannels, births = true } = options
    this.#filters = [...data.map((channel) => share(filterForAll(channel), options.group)), ...(births ? [filterForAll('state')] : [])]
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    void this.#open()
  }

  ready(): Promise<void> {
    return this.#first.promise
  }

  facts(): { connected: boolean; detail: string } {
    return { connected: this.#subscribed, detail: this.#detail }
  }

  roomAgain(): void {
    if (this.#leftBehind) this.#link?.close('there is room again, and the broker delivers again what was left')
  }

  canPublish(): boolean {
    return this.#link !== undefined && this.#subscribed && this.#link.unsent < MAX_UNSENT_BYTES
  }

  publish(topic: string, payload: string | Buffer): boolean {
    if (!this.#link || !this.canPublish()) return false
    this.#link.publish({ topic, payload, messageId: this.#publishId })
    this.#publishId = this.#publishId === LAST_PACKET_ID ? FIRST_PUBLISH_ID : this.#publishId + 1
    return true
  }

  async pause(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    if (this.#subscribed) {
      await this.#link?.ask({ cmd: 'unsubscribe', messageId: UNSUBSCRIBE_ID, unsubscriptions: [...this.#filters] }, PAUSE_WITHIN_MS).catch(() => undefined)
    }
    this.#handlers = undefined
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#acknowledge()
    await this.#link?.end()
    this.#link = undefined
    this.#subscribed = false
  }

  async #open(): Promise<void> {
    const { url, ca, clientId, username, password, persistent, clock, log } = this.#options
    const connection = this.#connection
    const link = new MqttLink({
      url,
      ca,
      clock,
      connect: { clientId, username, password: Buffer.from(password), clean: !persistent },
      onPublish: (packet) => this.#deliver(packet, connection),
      onClosed: (reason) => this.#retry(reason),
    })
    this.#link = link
    try {
      await link.opened
      await this.#subscribe(link)
      if (connection !== this.#connection || this.#stopped) return
      this.#failures = 0
      this.#subscribed = true
      this.#detail = `subscribed at ${new URL(url).host}`
      log.info({ broker: new URL(url).host }, 'bridge.subscribed')
      this.#first.resolve()
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown failure'
      link.close(reason)
      // A link that was signed in comes back through onClosed.
      if (connection === this.#connection) this.#retry(reason)
    }
  }

  async #subscribe(link: MqttLink): Promise<void> {
    const granted = await link.ask({ cmd: 'subscribe', messageId: SUBSCRIBE_ID, subscriptions: this.#filters.map((topic) => ({ topic, qos: 1 })) })
    const refused = this.#filters.filter((_, i) => granted[i] === SUBSCRIPTION_REFUSED)
    if (refused.length > 0) link.close(`the broker refuses the subscription to ${refused.join(', ')}`)
  }

  #retry(why: string): void {
    this.#link = undefined
    this.#connection++
    this.#subscribed = false
    this.#settled = []
    this.#leftBehind = false
    this.#detail = why
    if (this.#stopped) return
    const delayMs = retryDelayMs(this.#failures++, RECONNECT, this.#options.random)
    this.#options.log.warn({ why, delayMs: Math.round(delayMs) }, 'bridge.broker_away')
    this.#cancelRetry = this.#options.clock.after(delayMs, () => void this.#open())
  }

  #deliver(packet: IPublishPacket, connection: number): void {
    const { topic, payload, qos, messageId } = packet
    this.#handlers?.onDelivery({
      source: this.name,
      topic,
      payload: payload as Buffer,
      receivedAt: this.#options.clock.now(),
      settle: (outcome) => {
        if (qos === 0 || messageId === undefined || connection !== this.#connection) return
        // Without a store the broker has nothing to deliver again: acknowledging only frees the place in its window, and the
        // device sends again what no receipt covers.
        if (outcome === 'released' && (this.#options.persistent || this.#options.strict)) this.#leftBehind = true
        else if (this.#settled.push(messageId) === 1) queueMicrotask(() => this.#acknowledge())
      },
    })
  }

  #acknowledge(): void {
    if (this.#settled.length > 0) this.#link?.acknowledge(this.#settled)
    this.#settled = []
  }
}

function share(filter: string, group: string | undefined): string {
  return group === undefined ? filter : `$share/${group}/${filter}`
}
