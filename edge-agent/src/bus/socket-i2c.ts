import type { Duplex } from 'node:stream'
import { busFault, type I2c, type I2cBus } from './i2c.ts'
import { requestBytes, statuses } from './socket-frames.ts'

interface Waiting {
  readonly address: number
  readonly into: Uint8Array
  /** Bytes of the answer that have come. */
  done: number
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

const nothing = new Uint8Array(0)
const ignore = (): void => {}

/** A bus whose chips live behind a socket: see `socket-frames.ts`. When the other end is gone every transfer fails, as on a broken cable. */
export function socketI2c(socket: Duplex): I2cBus {
  const wire = new SocketWire(socket)
  const buffer = (into: number | Uint8Array): Uint8Array => (typeof into === 'number' ? new Uint8Array(into) : into)
  const open = ({ address }: { readonly address: number }): I2c => ({
    address,
    read: (into) => wire.transfer(address, undefined, buffer(into)),
    write: (bytes) => wire.transfer(address, bytes, undefined).then(ignore),
    writeRead: (bytes, into) => wire.transfer(address, bytes, buffer(into)),
    close: async () => {},
  })
  return { open, close: async () => void socket.destroy() }
}

class SocketWire {
  readonly #socket: Duplex
  readonly #waiting: Waiting[] = []
  #asked: Uint8Array[] = []
  #isOpen = true
  #status: number | undefined

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#hear(bytes))
    socket.on('error', () => this.#failAll())
    socket.on('close', () => this.#failAll())
  }

  transfer(address: number, write: Uint8Array | undefined, into: Uint8Array | undefined): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(busFault(address, 'failed'))
      this.#waiting.push({ address, into: into ?? nothing, done: 0, resolve, reject })
      // What several drivers ask in one turn leaves in one piece.
      if (this.#asked.length === 0) process.nextTick(this.#leave)
      this.#asked.push(requestBytes({ address, write, readCount: into?.length }))
    })
  }

  readonly #leave = (): void => {
    const asked = this.#asked
    this.#asked = []
    if (this.#isOpen) this.#socket.write(asked.length === 1 ? (asked[0] as Uint8Array) : Buffer.concat(asked))
  }

  #hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at = this.#take(bytes, at)
  }

  /** Takes what belongs to the oldest transfer; answers where the next one's begins. */
  #take(bytes: Uint8Array, from: number): number {
    const first = this.#waiting[0]
    if (!first) return bytes.length
    let at = from
    this.#status ??= bytes[at++] ?? 0
    if (this.#status === 0) while (first.done < first.into.length && at < bytes.length) first.into[first.done++] = bytes[at++] as number
    this.#finish(first, this.#status)
    return at
  }

  #finish(first: Waiting, status: number): void {
    if (status === 0 && first.done < first.into.length) return
    this.#waiting.shift()
    this.#status = undefined
    if (status === 0) first.resolve(first.into)
    else first.reject(busFault(first.address, statuses[status] ?? 'failed'))
  }

  #failAll(): void {
    this.#isOpen = false
    for (const { address, reject } of this.#waiting.splice(0)) reject(busFault(address, 'failed'))
  }
}
