import type { IPublishPacket } from 'mqtt-packet'

export interface CutPackets {
  /** Most bytes one packet may announce. */
  readonly mostBytes: number
  onPublish(packet: IPublishPacket): void
  /** Any other packet, whole: they are few. */
  onOther(bytes: Buffer): void
}

/** Bytes that no broker may send. An error of its own: whatever else a handler throws is a fault of ours, and not the broker's. */
export class NotMqtt extends Error {
  override readonly name = 'NotMqtt'
}

const PUBLISH = 3
const MiB = 1_048_576
const LENGTH_BYTES = 4
const DUP = 0x08
const RETAIN = 0x01

/**
 * Cuts what a broker sends into packets and reads each PUBLISH in place (MQTT 3.1.1 section 3.3): nearly all the bridge hears is one, and
 * a general parser spends several times as long on it. Topic and payload are checked where they are understood.
 */
export class PacketCutter {
  readonly #packets: CutPackets
  #rest: Buffer[] = []
  #gathered = 0
  #needed = 0

  constructor(packets: CutPackets) {
    this.#packets = packets
  }

  /** @throws NotMqtt for what is not MQTT. */
  push(chunk: Buffer): void {
    const bytes = this.#join(chunk)
    if (!bytes) return
    let at = 0
    while (at < bytes.length) {
      const head = readHead(bytes, at)
      if (head && head.end - head.from > this.#packets.mostBytes) throw new NotMqtt(`a packet of more than ${this.#packets.mostBytes / MiB} MiB`)
      if (!head || head.end > bytes.length) return this.#keep(bytes.subarray(at), head ? head.end - at : bytes.length - at + 1)
      if ((bytes[at] as number) >> 4 === PUBLISH) this.#packets.onPublish(readPublish(bytes[at] as number, bytes, head.from, head.end))
      else this.#packets.onOther(bytes.subarray(at, head.end))
      at = head.end
    }
  }

  #keep(rest: Buffer, needed: number): void {
    this.#rest = [rest]
    this.#gathered = rest.length
    this.#needed = needed
  }

  /** The bytes so far, once the packet under way is whole. */
  #join(chunk: Buffer): Buffer | undefined {
    if (this.#rest.length === 0) return chunk
    this.#rest.push(chunk)
    this.#gathered += chunk.length
    if (this.#gathered < this.#needed) return undefined
    const bytes = Buffer.concat(this.#rest)
    this.#rest = []
    return bytes
  }
}

function readHead(bytes: Buffer, at: number): { from: number; end: number } | undefined {
  let length = 0
  for (let i = 1; i <= LENGTH_BYTES; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 128 ** (i - 1)
    if (byte < 0x80) return { from: at + i + 1, end: at + i + 1 + length }
  }
  throw new NotMqtt('a length of more than four bytes')
}

function readPublish(first: number, bytes: Buffer, from: number, end: number): IPublishPacket {
  const qos = (first >> 1) & 3
  const topicEnd = from + 2 + (end - from < 2 ? 0 : bytes.readUInt16BE(from))
  const payloadAt = topicEnd + (qos > 0 ? 2 : 0)
  if (qos === 3 || payloadAt > end) throw new NotMqtt('a PUBLISH that is none')
  const packet: IPublishPacket = { cmd: 'publish', topic: bytes.toString('utf8', from + 2, topicEnd), payload: bytes.subarray(payloadAt, end), qos: qos as 0 | 1 | 2, dup: (first & DUP) !== 0, retain: (first & RETAIN) !== 0 }
  if (qos > 0) packet.messageId = bytes.readUInt16BE(topicEnd)
  return packet
}
