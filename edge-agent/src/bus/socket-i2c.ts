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

/** A bus whose chips live behind a socket: see `socket-frames.ts`. When the other end is gone every transfer fails, as on a broken cable. */
export function socketI2c(socket: Duplex): I2cBus {
  const wire = new SocketWire(socket)
  const buffer = (into: number | Uint8Array): Uint8Array => (typeof into === 'number' ? new Uint8Array(into) : into)
  const open = ({ address }: { readonly address: number }): I2c => ({
    address,
    read: (into) => wire.transfer(address, undefined, buffer(into)),
    write: async (bytes) => void (await wire.transfer(address, bytes, undefined)),
    writeRead: (bytes, into) => wire.transfer(address, bytes, buffer(into)),
    close: async () => {},
  })
  return { open, close: async () => void socket.destroy() }
}

class SocketWire {
  readonly #socket: Duplex
  readonly #waiting: Waiting[] = []
  readonly #asked: Uint8Array[] = []
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
      if (this.#asked.length === 0) queueMicrotask(() => process.nextTick(() => this.#leave()))
      this.#asked.push(requestBytes({ address, write, readCount: into?.length }))
    })
  }

  #leave(): void {
    const asked = this.#asked.splice(0)
    if (this.#isOpen) this.#socket.write(asked.length === 1 ? (asked[0] as Uint8Array) : Buffer.concat(asked))
  }

  #hear(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      at += this.#take(bytes.subarray(at))
      this.#finish()
    }
  }

  /** Takes what belongs to the oldest transfer; answers how many bytes that were. */
  #take(bytes: Uint8Array): number {
    const first = this.#waiting[0]
    if (!first) return bytes.length
    if (this.#status === undefined) {
      this.#status = bytes[0] ?? 0
      return 1
    }
    const part = bytes.subarray(0, first.into.length - first.done)
    first.into.set(part, first.done)
    first.done += part.length
    return part.length
  }

  #finish(): void {
    const first = this.#waiting[0]
    const status = this.#status
    if (!first || status === undefined || (status === 0 && first.done < first.into.length)) return
    this.#waiting.shift()
    this.#status = undefined
    const fault = status === 0 ? undefined : (statuses[status] ?? 'failed')
    if (fault) first.reject(busFault(first.address, fault))
    else first.resolve(first.into)
  }

  #failAll(): void {
    this.#isOpen = false
    for (const { address, reject } of this.#waiting.splice(0)) reject(busFault(address, 'failed'))
  }
}
