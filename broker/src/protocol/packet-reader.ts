import { Fault } from './bytes-in.ts'
import { checkHead, decodePacket } from './decode.ts'
import type { PacketIn } from './packets.ts'

export interface PacketHandler {
  /** Bytes a packet may announce at this moment; told how many one does announce, so that room can be held for it. */
  mostBytes(announced: number): number
  onPacket(packet: PacketIn): void
  /** Nothing is read any more after a fault. */
  onFault(fault: Fault): void
}

/** A length has up to four bytes of seven bits (section 2.2.3). */
const LENGTH_BYTES = 4
/** Pieces are joined in between, so that a packet sent byte by byte costs no more than its bytes. */
const MOST_PIECES = 64

/**
 * Cuts the bytes of one connection into packets and reads them strictly. It holds nothing while nothing is under way, and nothing is
 * gathered before the announced length is known to be allowed.
 */
export class PacketReader {
  readonly #handler: PacketHandler
  #pieces: Buffer[] | undefined
  #gathered = 0
  #needed = 0
  #stopped = false

  constructor(handler: PacketHandler) {
    this.#handler = handler
  }

  stop(): void {
    this.#stopped = true
    this.#pieces = undefined
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return
    const bytes = this.#join(chunk)
    if (!bytes) return
    try {
      this.#cut(bytes)
    } catch (error) {
      this.stop()
      this.#handler.onFault(error instanceof Fault ? error : new Fault('malformed', String(error)))
    }
  }

  #cut(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.#stopped) {
      const first = bytes[at] as number
      checkHead(first)
      const head = readLength(bytes, at + 1)
      if (!head) return this.#keep(bytes.subarray(at), bytes.length - at + 1)
      const most = this.#handler.mostBytes(head.length)
      if (head.length > most) throw new Fault('packet_size', `${head.length} bytes announced, at most ${most} allowed`)
      const end = head.from + head.length
      if (end > bytes.length) return this.#keep(bytes.subarray(at), end - at)
      at = end
      this.#handler.onPacket(decodePacket(first, bytes, head.from, end))
    }
  }

  #keep(piece: Buffer, needed: number): void {
    this.#pieces = [piece]
    this.#gathered = piece.length
    this.#needed = needed
  }

  /** All bytes of the packet under way, once it is whole. */
  #join(chunk: Buffer): Buffer | undefined {
    const pieces = this.#pieces
    if (!pieces) return chunk
    pieces.push(chunk)
    this.#gathered += chunk.length
    if (this.#gathered < this.#needed) {
      if (pieces.length >= MOST_PIECES) this.#pieces = [Buffer.concat(pieces)]
      return undefined
    }
    this.#pieces = undefined
    return Buffer.concat(pieces)
  }
}

function readLength(bytes: Buffer, at: number): { length: number; from: number } | undefined {
  let length = 0
  for (let i = 0; i < LENGTH_BYTES; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return { length, from: at + i + 1 }
  }
  throw new Fault('malformed', 'a length of more than four bytes [MQTT-2.2.3]')
}
