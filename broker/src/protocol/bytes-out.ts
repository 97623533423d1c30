import type { Duplex } from 'node:stream'
import type { Clock } from '@vigil/contract'

/** Connections with something to say at the end of this turn. */
const waiting: BytesOut[] = []

/** How long messages of one connection wait for others to go out with them. */
interface Gathering {
  readonly clock: Clock
  readonly forMs: number
  /** When messages last went out, monotonic milliseconds. */
  wentAt: number
  stop: () => void
}

/**
 * What goes out on one connection, gathered over a turn of the event loop: one system call takes the acknowledgements and messages of
 * everything that was read in it. Nobody waits for it; whoever reads too slowly is the owner's to cut.
 */
export class BytesOut {
  readonly #connection: Duplex
  #pieces: Buffer[] = []
  #bytes = 0
  #due: 'turn' | 'time' | undefined
  #gathering: Gathering | undefined

  constructor(connection: Duplex) {
    this.#connection = connection
  }

  /**
   * From now on a message that follows another within `forMs` waits until that time is over, with all that come meanwhile: for a reader of many
   * messages, each of which would cost both sides a system call. On a link that was silent nothing waits.
   */
  gatherMessages(clock: Clock, forMs: number): void {
    this.#gathering = { clock, forMs, wentAt: Number.NEGATIVE_INFINITY, stop: () => undefined }
  }

  /** Goes out at the end of this turn, and what was gathered before it as well: an answer is waited for. */
  push(piece: Buffer): void {
    this.#add(piece)
    if (this.#due !== 'turn') this.#atEndOfTurn()
  }

  /** A message, which may wait for others. */
  pushMessage(piece: Buffer): void {
    this.#add(piece)
    if (this.#due) return
    const gathering = this.#gathering
    if (!gathering) return this.#atEndOfTurn()
    const now = gathering.clock.monotonic()
    const waitMs = gathering.wentAt + gathering.forMs - now
    if (waitMs <= 0) {
      gathering.wentAt = now
      return this.#atEndOfTurn()
    }
    this.#due = 'time'
    gathering.stop = gathering.clock.after(waitMs, () => {
      gathering.wentAt = gathering.clock.monotonic()
      this.flush()
    })
  }

  /** Bytes that were not written yet. */
  get bytes(): number {
    return this.#bytes
  }

  flush(): void {
    const pieces = this.#pieces
    const [only] = pieces
    if (!only) return
    this.#pieces = []
    this.#bytes = 0
    this.#due = undefined
    this.#gathering?.stop()
    if (!this.#connection.destroyed) this.#connection.write(pieces.length === 1 ? only : Buffer.concat(pieces))
  }

  #add(piece: Buffer): void {
    this.#bytes += piece.length
    this.#pieces.push(piece)
  }

  #atEndOfTurn(): void {
    this.#due = 'turn'
    if (waiting.push(this) === 1) setImmediate(flushAll)
  }
}

function flushAll(): void {
  for (const out of waiting.splice(0)) out.flush()
}
