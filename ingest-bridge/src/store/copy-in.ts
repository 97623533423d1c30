import type { Connection, Submittable } from 'pg'

const FRAME_HEAD_BYTES = 5
const COPY_DATA = 0x64
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])

/** Bytes to leave free at the head of the rows for the CopyData message (PostgreSQL protocol, 54.7). */
export const COPY_HEAD_BYTES = FRAME_HEAD_BYTES

/**
 * A simple query whose first statement is a COPY, with its rows sent right behind it: the server drops them should the COPY fail
 * (protocol, 54.2.6), so nothing is gained by waiting for its go-ahead. `done` tells the command tags, in order.
 */
export class CopyIn implements Submittable {
  readonly done: Promise<readonly string[]>
  /** Found and wrapped by `pg` for its query timeout. */
  callback: (error?: Error) => void
  readonly #text: string
  readonly #frames: Buffer
  readonly #tags: string[] = []

  /** `frames`: `COPY_HEAD_BYTES` free bytes, then the rows in COPY's own format. */
  constructor(text: string, frames: Buffer) {
    this.#text = text
    this.#frames = frames
    frames[0] = COPY_DATA
    frames.writeInt32BE(frames.length - 1, 1)
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    this.done = promise
    this.callback = (error) => (error ? reject(error) : resolve(this.#tags))
  }

  submit(connection: Connection): void {
    connection.stream.cork()
    connection.query(this.#text)
    connection.stream.write(this.#frames)
    connection.stream.write(COPY_DONE)
    connection.stream.uncork()
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(message: { text: string }): void {
    this.#tags.push(message.text)
  }

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback()
  }
}
