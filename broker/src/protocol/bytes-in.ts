import { isUtf8 } from 'node:buffer'
import type { RefusalReason } from '../refusals.ts'

/** Why bytes are not what MQTT 3.1.1 lets a client send. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, why: string) {
    super(why)
    this.reason = reason
  }
}

/** Reads the body of one packet from its first byte to its last. */
export class BytesIn {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, from: number, end: number) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
  }

  get left(): number {
    return this.#end - this.#at
  }

  byte(): number {
    this.#need(1)
    return this.#bytes[this.#at++] as number
  }

  number(): number {
    this.#need(2)
    const value = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    return value
  }

  /** A packet identifier is never 0 [MQTT-2.3.1-1]. */
  identifier(): number {
    const id = this.number()
    if (id === 0) throw new Fault('malformed', 'a packet identifier of 0')
    return id
  }

  /** Bytes with their length before them. They stay where they are: whoever keeps them makes a copy. */
  binary(): Buffer {
    const length = this.number()
    this.#need(length)
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }

  /** Text: well-formed UTF-8 without NUL [MQTT-1.5.3-1] [MQTT-1.5.3-2]. */
  text(): string {
    const length = this.number()
    this.#need(length)
    const from = this.#at
    this.#at += length
    if (isPlainAscii(this.#bytes, from, this.#at)) return this.#bytes.toString('latin1', from, this.#at)
    const part = this.#bytes.subarray(from, this.#at)
    if (!isUtf8(part) || part.includes(0)) throw new Fault('text', 'text that is not UTF-8, or has a NUL')
    return part.toString()
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at, (this.#at = this.#end))
  }

  #need(count: number): void {
    if (this.#at + count > this.#end) throw new Fault('malformed', 'the packet ends too early')
  }
}

/** Nearly all text is; asking so first costs a tenth of the full check. */
function isPlainAscii(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    if (byte === 0 || byte > 0x7f) return false
  }
  return true
}
