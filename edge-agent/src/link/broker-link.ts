import type { Clock, Stop } from '@vigil/contract/clock'
import type { DeviceState } from '@vigil/contract/messages/state'
import { type DeviceAddress, topicOf, type UpChannel, type WaveChannel } from '@vigil/contract/topics'
import type { BrokerConnection, OpenConnection } from './broker-connection.ts'
import { deliver } from './inbound.ts'
import type { Link, LinkHandlers, LinkStatus } from './link.ts'
import { reconnectDelayMs } from './reconnect.ts'

export interface BrokerLinkOptions {
  readonly address: DeviceAddress
  readonly open: OpenConnection
  readonly clock: Clock
  readonly random: () => number
  /** More waiting in the connection than this, and waveforms are left out so that numbers are not late. */
  readonly slowBytes: number
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

/** From the first attempt to being let in: name server, network, TLS and broker. */
const CONNECT_WITHIN_MS = 15_000
/** A message without its PUBACK for this long: the other end hangs or the line is dead. */
const UNANSWERED_MS = 15_000
const LOOK_EVERY_MS = 2_500
/** A connection that held this long was a good one: the next failure counts as the first. */
const STEADY_MS = 5_000
const GOODBYE_MS = 1_000

/**
 * Keeps a device connected, whatever carries the bytes: when to try again, what is said first, when a silent line is given up, what is left
 * out on a slow one. The same on a Pi and on an ESP.
 */
export function brokerLink(options: BrokerLinkOptions): Link {
  return new BrokerLink(options)
}

class BrokerLink implements Link {
  readonly #options: BrokerLinkOptions
  #handlers: LinkHandlers | undefined
  #connection: BrokerConnection | undefined
  #attempt: object | undefined
  #openedAt = 0
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

  constructor(options: BrokerLinkOptions) {
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
    const connection = this.#connection
    const birth = this.#online ? this.#handlers?.birth() : undefined
    this.#handlers = undefined
    this.#connection = undefined
    this.#online = false
    if (!connection) return
    if (!birth) return connection.cut()
    await this.#sayGoodbye(connection, { ...birth, st: 'off' })
    connection.close()
  }

  publish(channel: UpChannel, payload: string, { retain = false, settled }: { retain?: boolean; settled?: () => void } = {}): void {
    if (!this.#connection || !this.#online) return
    const messageNo = ++this.#messageNo
    this.#unanswered.set(messageNo, this.#options.clock.monotonic())
    this.#connection.publish({ topic: topicOf(this.#options.address, channel), payload, retain }, () => {
      this.#unanswered.delete(messageNo)
      settled?.()
    })
  }

  publishWave(channel: WaveChannel, frame: Uint8Array): void {
    if (this.#connection && this.#online && this.#connection.waitingBytes() <= this.#options.slowBytes) this.#connection.publishFrame(topicOf(this.#options.address, `wave/${channel}`), frame)
    else this.#wavesDropped += 1
  }

  status(): LinkStatus {
    return { connected: this.#online, why: this.#online ? undefined : this.#why, cuts: this.#cuts, unreadable: this.#unreadable, wavesDropped: this.#wavesDropped }
  }

  #connect(): void {
    const attempt = {}
    this.#attempt = attempt
    this.#openedAt = this.#options.clock.monotonic()
    // What a connection that was given up still says must not touch the next one.
    const isCurrent = (): boolean => this.#handlers !== undefined && this.#attempt === attempt
    const connection = this.#options.open(this.#failures, {
      ready: (lacks = []) => {
        if (isCurrent()) this.#established(lacks)
      },
      message: (topic, text) => {
        if (isCurrent()) this.#hear(topic, text)
      },
      ended: (why) => {
        if (isCurrent()) this.#ended(why)
      },
    })
    if (isCurrent()) this.#connection = connection
  }

  #established(lacks: readonly string[]): void {
    if (this.#online || !this.#handlers) return
    this.#online = true
    this.#onlineAt = this.#options.clock.monotonic()
    this.#why = undefined
    this.#options.log('link.online', lacks.length > 0 ? { lacks } : {})
    this.publish('state', JSON.stringify(this.#handlers.birth()), { retain: true })
    this.#handlers.online()
  }

  #hear(topic: string, text: string | undefined): void {
    if (!this.#handlers || text === undefined || !deliver(this.#options.address, topic, text, this.#handlers)) this.#unreadable += 1
  }

  #ended(why: string): void {
    const { clock, random, log } = this.#options
    this.#connection = undefined
    this.#attempt = undefined
    this.#unanswered.clear()
    // The same failure over and over is said once.
    if (why !== this.#why) log('link.failed', { why })
    this.#why = why
    if (this.#online) {
      this.#online = false
      this.#cuts += 1
      if (clock.monotonic() - this.#onlineAt >= STEADY_MS) this.#failures = 0
      this.#handlers?.offline()
    }
    const delayMs = reconnectDelayMs(this.#failures, random)
    this.#failures += 1
    this.#stopRetry = clock.after(delayMs, () => this.#connect())
  }

  #look(): void {
    if (!this.#connection) return
    const now = this.#options.clock.monotonic()
    const [oldest = now] = this.#unanswered.values()
    const isLate = this.#online ? now - oldest >= UNANSWERED_MS : now - this.#openedAt >= CONNECT_WITHIN_MS
    if (!isLate) return
    this.#connection.cut()
    this.#ended(this.#online ? 'The broker stopped answering' : 'The broker does not answer')
  }

  /** Not waited for without end. */
  async #sayGoodbye(connection: BrokerConnection, off: DeviceState): Promise<void> {
    await new Promise<void>((resolve) => {
      const stopWaiting = this.#options.clock.after(GOODBYE_MS, resolve)
      connection.publish({ topic: topicOf(this.#options.address, 'state'), payload: JSON.stringify(off), retain: true }, () => {
        stopWaiting()
        resolve()
      })
    })
  }
}
