import type { ReceivedPacket } from './mqtt-packets.ts'

/** Cuts what comes from the network into packets; false when it is no MQTT. */
export type PacketReader = (bytes: Buffer) => boolean

const LENGTH_BYTES = 4

/**
 * @param keepBytes of a longer packet only so much is kept: its topic and identifier are needed to acknowledge it, the rest is counted and dropped
 * @param onPacket called for each packet; its body is valid during the call
 */
export function createPacketReader(keepBytes: number, onPacket: (packet: ReceivedPacket) => void): PacketReader {
  let kept: Buffer = Buffer.alloc(0)
  let dropping = 0

  /** Bytes that were used up; 0 when more are needed, -1 when it is no MQTT. */
  function take(bytes: Buffer): number {
    const head = headOf(bytes)
    if (head === 'more') return 0
    if (head === 'broken') return -1
    const { at, length } = head
    const wanted = Math.min(length, keepBytes)
    if (bytes.length < at + wanted) return 0
    const first = bytes[0] ?? 0
    onPacket({ type: first >> 4, flags: first & 0x0f, body: bytes.subarray(at, at + wanted), length })
    dropping = length - wanted
    return at + wanted
  }
  return (bytes) => {
    let rest = kept.length > 0 ? Buffer.concat([kept, bytes]) : bytes
    for (;;) {
      const dropped = Math.min(dropping, rest.length)
      dropping -= dropped
      rest = rest.subarray(dropped)
      const taken = rest.length > 0 && dropping === 0 ? take(rest) : 0
      if (taken < 0) return false
      if (taken === 0) break
      rest = rest.subarray(taken)
    }
    // A copy: the network uses its buffer again.
    kept = Buffer.from(rest)
    return true
  }
}

/** Remaining length, section 2.2.3: seven bits a byte, at most four bytes. */
function headOf(bytes: Buffer): { readonly at: number; readonly length: number } | 'more' | 'broken' {
  let length = 0
  for (let i = 0; i < LENGTH_BYTES; i += 1) {
    const byte = bytes[1 + i]
    if (byte === undefined) return 'more'
    length |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { at: 2 + i, length }
  }
  return 'broken'
}
