/** Largest frame before and after sign-in (AMQP 1.0 part 5: 512 bytes are enough for SASL; user names here are longer). */
const MOST_BYTES = { before: 4_096, after: 64 * 1_024 }
const HEADER_BYTES = 8
const SIZE_BYTES = 4
const MAGIC = 0x41_4d_51_50

export interface FrameGuard {
  /** Looks at what has come. Answers why the connection must end, if it must. */
  look(chunk: Buffer): string | undefined
  signedIn(): void
}

/**
 * Follows the frames of a connection by their length alone (AMQP 1.0 part 2, 2.3.1). The library gathers a frame in memory
 * before it reads it, however long the peer says it is, and before anybody has signed in.
 */
export function createFrameGuard(): FrameGuard {
  let most = MOST_BYTES.before
  let head = Buffer.alloc(0)
  /** Bytes of the current frame still to come. */
  let left = 0

  return {
    signedIn() {
      most = MOST_BYTES.after
    },
    look(chunk) {
      let at = 0
      while (at < chunk.length) {
        if (left > 0) {
          const step = Math.min(left, chunk.length - at)
          left -= step
          at += step
          continue
        }
        const step = Math.min(SIZE_BYTES - head.length, chunk.length - at)
        head = Buffer.concat([head, chunk.subarray(at, at + step)])
        at += step
        if (head.length < SIZE_BYTES) break
        const size = head.readUInt32BE()
        head = Buffer.alloc(0)
        if (size === MAGIC) left = HEADER_BYTES - SIZE_BYTES
        else if (size < HEADER_BYTES) return 'not AMQP 1.0'
        else if (size > most) return `a frame of ${size} bytes`
        else left = size - SIZE_BYTES
      }
      return undefined
    },
  }
}
