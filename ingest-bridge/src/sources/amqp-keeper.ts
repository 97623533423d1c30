import { type Clock, retryDelayMs, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Connection, EventContext } from 'rhea'
import { type AmqpAddress, nameOfPeer } from './amqp-address.ts'
import { AmqpLink } from './amqp-link.ts'

export interface AmqpKeeperOptions extends AmqpAddress {
  readonly containerId: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

export interface AmqpUse {
  readonly attach: (connection: Connection) => void
  readonly listeners: Readonly<Record<string, (context: EventContext) => void>>
  readonly onUp: () => void
  /** Everything of the last connection is void: the peer takes back what was not settled. */
  readonly onDown: () => void
}

const RECONNECT = { leastMs: 500, firstMs: 500, longestMs: 30_000 }

/** Keeps one AMQP link open, for as long as it is not stopped. */
export class AmqpKeeper {
  readonly #options: AmqpKeeperOptions
  readonly #use: AmqpUse
  readonly #first = Promise.withResolvers<void>()
  #link: AmqpLink | undefined
  #up = false
  #failures = 0
  #detail = 'not connected yet'
  #stopped = false
  #cancelRetry: Stop | undefined

  /** @throws AppError `SETTINGS_INVALID` when the URL is none of an AMQP peer. */
  constructor(options: AmqpKeeperOptions, use: AmqpUse) {
    nameOfPeer(options.url)
    this.#options = options
    this.#use = use
  }

  start(): void {
    const { attach, listeners } = this.#use
    this.#link = new AmqpLink({ ...this.#options, attach, listeners, onOpen: () => this.#onOpen(), onClosed: (reason) => this.#retry(reason) })
  }

  ready(): Promise<void> {
    return this.#first.promise
  }

  facts(): { connected: boolean; detail: string } {
    return { connected: this.#up, detail: this.#detail }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    await this.#link?.end()
    this.#link = undefined
    this.#up = false
  }

  #onOpen(): void {
    const { url, queue, log } = this.#options
    const peer = nameOfPeer(url)
    this.#failures = 0
    this.#up = true
    this.#detail = `${queue} at ${peer}`
    log.info({ peer, queue }, 'bridge.amqp_open')
    this.#use.onUp()
    this.#first.resolve()
  }

  #retry(why: string): void {
    this.#link = undefined
    this.#up = false
    this.#detail = why
    this.#use.onDown()
    if (this.#stopped) return
    const delayMs = retryDelayMs(this.#failures++, RECONNECT, this.#options.random)
    this.#options.log.warn({ why, delayMs: Math.round(delayMs) }, 'bridge.amqp_away')
    this.#cancelRetry = this.#options.clock.after(delayMs, () => this.start())
  }
}
