import { type Clock, retryDelayMs, type Stop } from '@vigil/contract'
import type { Connection, Delivery as AmqpDelivery, EventContext, Receiver } from 'rhea'
import { AmqpKeeper, type AmqpKeeperOptions } from './amqp-keeper.ts'
import { fromAmqp } from './amqp-message.ts'
import { settle } from './amqp-settle.ts'
import type { Settlement, Source, SourceHandlers } from './source.ts'

export type AmqpSourceOptions = AmqpKeeperOptions

/** Deliveries the peer may send before any is settled. Two windows stay below the library's 2,048 of one session. */
const WINDOW = 1_000
/** After a delivery was handed back: how long nothing is asked for, then a single one to see whether it can be stored now. */
const HANDED_BACK = { leastMs: 250, firstMs: 250, longestMs: 10_000 }
const PROBE = 1

/**
 * An AMQP queue as source of the durable lane. `accepted` once committed, `released` when it cannot be stored now, `rejected`
 * when it never can. Credit is topped up when half is used, so that the peer never stands still for want of it; to RabbitMQ 3, which then sends more
 * than it was asked for, it is given in whole windows, and only when none is left.
 */
export class AmqpSource implements Source {
  readonly name = 'amqp'
  readonly #clock: Clock
  readonly #random: () => number
  readonly #read: NonNullable<AmqpSourceOptions['read']>
  readonly #keeper: AmqpKeeper
  #handlers: SourceHandlers | undefined
  #connection: Connection | undefined
  #receiver: Receiver | undefined
  /** What the peer may still send, and what it sent that is not settled, on this connection. */
  #credit = 0
  #unsettled = 0
  /** Credit at which more is given. */
  #low = 0
  /** Times in a row that something was handed back. */
  #handedBack = 0
  #resume: Stop | undefined

  /** @throws AppError `SETTINGS_INVALID` when the URL is none of an AMQP peer. */
  constructor(options: AmqpSourceOptions) {
    this.#clock = options.clock
    this.#random = options.random
    this.#read = options.read ?? fromAmqp
    this.#keeper = new AmqpKeeper(options, {
      attach: (connection) => {
        this.#connection = connection
        const source = options.queue === '' ? {} : { source: { address: options.queue, durable: 1 as const } }
        this.#receiver = connection.open_receiver({ ...source, credit_window: 0, autoaccept: false })
      },
      listeners: { message: (context) => this.#deliver(context) },
      onUp: () => {
        this.#low = isRabbit3(this.#connection?.properties) ? 0 : WINDOW / 2
        this.#ask()
      },
      onDown: () => this.#forget(),
    })
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    this.#keeper.start()
  }

  ready(): Promise<void> {
    return this.#keeper.ready()
  }

  facts(): { connected: boolean; detail: string } {
    return this.#keeper.facts()
  }

  roomAgain(): void {
    this.#resume?.()
    this.#resume = undefined
    this.#ask()
  }

  async pause(): Promise<void> {
    this.#handlers = undefined
    this.#resume?.()
  }

  stop(): Promise<void> {
    this.#resume?.()
    return this.#keeper.stop()
  }

  #forget(): void {
    this.#connection = undefined
    this.#receiver = undefined
    this.#credit = 0
    this.#unsettled = 0
  }

  #deliver({ message, delivery }: EventContext): void {
    const receiver = this.#receiver
    if (!message || !delivery) return
    this.#credit--
    this.#unsettled++
    // Whoever pauses takes no more: the peer has what is not settled back when the connection ends.
    if (!this.#handlers) return settle(delivery, 'release')
    this.#handlers.onDelivery({
      source: this.name,
      ...this.#read(message, this.#clock.now()),
      returnable: true,
      settle: (outcome) => {
        if (receiver === this.#receiver) this.#settle(delivery, outcome)
      },
    })
    if (this.#credit === this.#low) this.#ask()
  }

  #settle(delivery: AmqpDelivery, outcome: Settlement): void {
    this.#unsettled--
    if (outcome === 'released') {
      settle(delivery, 'release')
      this.#waitAWhile()
    } else {
      if (outcome === 'stored') settle(delivery, 'accept')
      else settle(delivery, 'reject', { condition: 'vigil:dead-letter', description: 'It can never be stored; table dead_letter says why.' })
      this.#handedBack = 0
    }
    this.#ask()
  }

  #waitAWhile(): void {
    if (this.#resume) return
    this.#resume = this.#clock.after(retryDelayMs(this.#handedBack++, HANDED_BACK, this.#random), () => {
      this.#resume = undefined
      this.#ask()
    })
  }

  /** Credit for a window, unless as much is still unsettled from before: the peer sends on while we commit. */
  #ask(): void {
    const [wanted, low] = this.#handedBack > 0 ? [PROBE, 0] : [WINDOW, this.#low]
    if (this.#resume || this.#credit > low || this.#unsettled > WINDOW || !this.#handlers) return
    const more = wanted - this.#credit
    this.#credit = wanted
    this.#receiver?.add_credit(more)
  }
}

/** Its AMQP 1.0 plugin counts what is under way against the credit it had, and not against what it was given since. */
function isRabbit3(peer: Readonly<Record<string, unknown>> | undefined): boolean {
  return peer?.['product'] === 'RabbitMQ' && String(peer['version']).startsWith('3.')
}
