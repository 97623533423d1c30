import { encodePublish, type Outgoing } from './encode.ts'
import type { Qos } from './packets.ts'

/** A message on its way to whoever listens; written only once for all who get it at QoS 0. */
export class Message implements Outgoing {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
  #plain: Buffer | undefined

  constructor(topic: string, payload: Buffer, qos: Qos) {
    this.topic = topic
    this.payload = payload
    this.qos = qos
  }

  plain(): Buffer {
    this.#plain ??= encodePublish(this, { qos: 0, retain: false, dup: false, id: 0 })
    return this.#plain
  }

  /** The same message apart from the bytes it was read from, which would be kept whole with it. */
  copy(): Message {
    return new Message(this.topic, Buffer.from(this.payload), this.qos)
  }

  get bytes(): number {
    return this.topic.length + this.payload.length
  }
}
