import { filterMatches, isWild } from './topic-tree.ts'
import type { Qos } from './packets.ts'

export interface Retained {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
}

/** The newest message of each topic that was sent to be kept (section 3.3.1.3). */
export class RetainedStore {
  readonly #kept = new Map<string, Retained>()

  /** An empty message takes the topic's away and is not kept itself [MQTT-3.3.1-10] [MQTT-3.3.1-11]. */
  store({ topic, payload, qos }: Retained): void {
    if (payload.length === 0) this.#kept.delete(topic)
    // A copy: the payload is a window into what was read, which would be kept whole.
    else this.#kept.set(topic, { topic, payload: Buffer.from(payload), qos })
  }

  *matching(filter: string): Iterable<Retained> {
    if (!isWild(filter)) {
      const one = this.#kept.get(filter)
      if (one) yield one
      return
    }
    for (const [topic, kept] of this.#kept) if (filterMatches(filter, topic)) yield kept
  }
}
