import type { Duplex } from 'node:stream'

/** Connections with something to say at the end of this turn. */
const waiting: BytesOut[] = []

/**
 * What goes out on one connection, gathered over a turn of the event loop: one system call takes the acknowledgements and messages of
 * everything that was read in it. Nobody waits for it; whoever reads too slowly is the owner's to cut.
 */
export class BytesOut {
  readonly #connection: Duplex
  #pieces: Buffer[] | undefined
  #bytes = 0

  constructor(connection: Duplex) {
    this.#connection = connection
  }

  push(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#pieces) {
      this.#pieces.push(piece)
      return
    }
    this.#pieces = [piece]
    if (waiting.push(this) === 1) setImmediate(flushAll)
  }

  /** Bytes of this turn. */
  get bytes(): number {
    return this.#bytes
  }

  flush(): void {
    const pieces = this.#pieces
    if (!pieces) return
    this.#pieces = undefined
    this.#bytes = 0
    const [only] = pieces
    if (!this.#connection.destroyed && only) this.#connection.write(pieces.length === 1 ? only : Buffer.concat(pieces))
  }
}

function flushAll(): void {
  for (const out of waiting.splice(0)) out.flush()
}
