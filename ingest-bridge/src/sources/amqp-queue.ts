import { type Clock, retryDelayMs, type Stop } from '@vigil/contract'
import type { Delivery as AmqpDelivery, EventContext, Sender } from 'rhea'
import { AmqpKeeper, type AmqpKeeperOptions } from './amqp-keeper.ts'
import { type Outgoing, toAmqp } from './amqp-message.ts'

export interface AmqpQueueOptions extends AmqpKeeperOptions {
  /** The peer did not accept a message; it is sent again after a while. */
  readonly onNotAccepted: (how: 'rejected' | 'released') => void
}

interface Held {
  readonly message: Outgoing
  readonly onAccepted: () => void
}

/** Sent and not answered yet. Below the library's 2,048 of one session, beyond which it throws. */
const MAX_UNANSWERED = 1_000
/** A peer that refuses may be full: nothing is sent for this long. */
const REFUSED = { leastMs: 250, firstMs: 250, longestMs: 10_000 }

/**
 * An AMQP queue to write to. What is put in is held until the peer has accepted it, and sent again as often as that takes: after
 * a lost connection in the order it came. The peer may see a message twice, never not at all.
 */
export class AmqpQueue {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #keeper: AmqpKeeper
  readonly #onNotAccepted: AmqpQueueOptions['onNotAccepted']
  #sender: Sender | undefined
  #waiting: Held[] = []
  #unanswered = new Map<AmqpDelivery, Held>()
  #refusals = 0
  #resume: Stop | undefined

  /** @throws AppError `SETTINGS_INVALID` when the URL is none of an AMQP peer. */
  constructor(options: AmqpQueueOptions) {
    this.#clock = options.clock
    this.#random = options.random
    this.#onNotAccepted = options.onNotAccepted
    this.#keeper = new AmqpKeeper(options, {
      attach: (connection) => {
        // Settled by the peer when it has it: anything less could lose what it said to hold.
        this.#sender = connection.open_sender({ target: { address: options.queue, durable: 1 }, snd_settle_mode: 0, autosettle: true })
      },
      listeners: {
        sendable: () => this.#send(),
        accepted: ({ delivery }) => this.#accepted(delivery),
        rejected: (context) => this.#notAccepted(context, 'rejected'),
        // What the peer calls modified reaches us as released.
        released: (context) => this.#notAccepted(context, 'released'),
        // Settled without an outcome says nothing of where the message is.
        settled: (context) => this.#notAccepted(context, 'released'),
      },
      onUp: () => this.#send(),
      onDown: () => this.#takeBack(),
    })
  }

  start(): void {
    this.#keeper.start()
  }

  ready(): Promise<void> {
    return this.#keeper.ready()
  }

  facts(): { connected: boolean; detail: string } {
    return this.#keeper.facts()
  }

  put(message: Outgoing, onAccepted: () => void): void {
    this.#waiting.push({ message, onAccepted })
    this.#send()
  }

  async stop(): Promise<void> {
    this.#resume?.()
    await this.#keeper.stop()
  }

  #takeBack(): void {
    this.#sender = undefined
    this.#waiting = [...this.#unanswered.values(), ...this.#waiting]
    this.#unanswered.clear()
  }

  #accepted(delivery: AmqpDelivery | undefined): void {
    const held = delivery && this.#unanswered.get(delivery)
    if (!held) return
    this.#unanswered.delete(delivery)
    if (!delivery.remote_settled) delivery.update(true)
    this.#refusals = 0
    held.onAccepted()
    this.#send()
  }

  #notAccepted({ delivery }: EventContext, how: 'rejected' | 'released'): void {
    const held = delivery && this.#unanswered.get(delivery)
    if (!held) return
    this.#unanswered.delete(delivery)
    if (!delivery.remote_settled) delivery.update(true)
    this.#waiting.push(held)
    this.#onNotAccepted(how)
    this.#resume ??= this.#clock.after(retryDelayMs(this.#refusals++, REFUSED, this.#random), () => {
      this.#resume = undefined
      this.#send()
    })
  }

  #send(): void {
    const sender = this.#sender
    if (!sender?.is_open() || this.#resume) return
    let sent = 0
    while (sent < this.#waiting.length && this.#unanswered.size < MAX_UNANSWERED && sender.sendable()) {
      const held = this.#waiting[sent++] as Held
      this.#unanswered.set(sender.send(toAmqp(held.message)), held)
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent)
  }
}
