import type { ClientSession } from './client-session.ts'
import { Message } from './message.ts'
import type { Qos } from './packets.ts'
import { RetainedStore } from './retained.ts'
import type { SessionBook } from './session-book.ts'

export interface RouterOptions {
  readonly book: SessionBook
  /** Asked for every single delivery, so that a lost right ends at once. */
  readonly mayReceive: (session: ClientSession, topic: string) => boolean
  readonly monotonic: () => number
}

/** Takes each message to everyone who listens: no queue between, and no waiting for anybody. */
export class Router {
  readonly retained = new RetainedStore()
  readonly #options: RouterOptions

  constructor(options: RouterOptions) {
    this.#options = options
  }

  publish(packet: { topic: string; payload: Buffer; qos: Qos; retain: boolean }): void {
    if (packet.retain) this.retained.store(packet)
    this.deliver(packet)
  }

  /** To those who listened before it came, so without the retain flag [MQTT-3.3.1-9]. Answers how many those are. */
  deliver({ topic, payload, qos }: { topic: string; payload: Buffer; qos: Qos }): number {
    const { book, mayReceive, monotonic } = this.#options
    const listeners = book.tree.match(topic)
    if (listeners.size === 0) return 0
    const message = new Message(topic, payload, qos)
    const at = monotonic()
    let heard = 0
    for (const [session, granted] of listeners) {
      if (!mayReceive(session, topic)) continue
      session.deliver(message, least(qos, granted), at)
      heard += 1
    }
    return heard
  }

  /** What was kept for a filter, to one who has just subscribed to it [MQTT-3.3.1-6] [MQTT-3.3.1-8]. */
  deliverRetained(session: ClientSession, filter: string, granted: Qos): void {
    const { mayReceive, monotonic } = this.#options
    for (const { topic, payload, qos } of this.retained.matching(filter)) {
      if (mayReceive(session, topic)) session.deliver(new Message(topic, payload, qos), least(qos, granted), monotonic(), true)
    }
  }
}

function least(a: Qos, b: Qos): Qos {
  return a < b ? a : b
}
