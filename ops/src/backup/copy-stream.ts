import { once } from 'node:events'
import type pg from 'pg'

/** A `copy … to stdout`: hands on each piece of the answer, and lets the server wait while `write` is not done. `done` tells how many rows. */
export class CopyToUs implements pg.Submittable {
  readonly done: Promise<number>
  /** Found and wrapped by `pg` for its query timeout. */
  callback: (error?: Error) => void
  readonly #text: string
  readonly #write: (chunk: Buffer) => Promise<void> | undefined
  #failure: Error | undefined
  #rows = 0

  /** `write` answers a promise when it wants no more for the time being. */
  constructor(text: string, write: (chunk: Buffer) => Promise<void> | undefined) {
    this.#text = text
    this.#write = write
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.done = promise
    this.callback = (error) => (error ? reject(error) : resolve(this.#rows))
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text)
  }

  handleCopyData({ chunk }: { chunk: Buffer }, connection: pg.Connection): void {
    if (this.#failure) return
    // The parser uses its bytes again.
    const wait = this.#write(Buffer.from(chunk))
    if (!wait) return
    connection.stream.pause()
    wait.catch((error: Error) => (this.#failure = error)).finally(() => connection.stream.resume())
  }

  /** `COPY 1234`. */
  handleCommandComplete({ text }: { text: string }): void {
    this.#rows = Number(text.split(' ')[1])
  }

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(this.#failure)
  }
}

type CopyConnection = pg.Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void; sendCopyFail(why: string): void }

/** A `copy … from stdin`: sends the source, no faster than the server takes it. */
export class CopyFromUs implements pg.Submittable {
  readonly done: Promise<void>
  callback: (error?: Error) => void
  readonly #text: string
  readonly #source: AsyncIterable<Buffer>
  #failure: Error | undefined

  constructor(text: string, source: AsyncIterable<Buffer>) {
    this.#text = text
    this.#source = source
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.done = promise
    this.callback = (error) => (error ? reject(error) : resolve())
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text)
  }

  handleCopyInResponse(connection: CopyConnection): void {
    void this.#send(connection)
  }

  async #send(connection: CopyConnection): Promise<void> {
    try {
      for await (const chunk of this.#source) {
        connection.sendCopyFromChunk(chunk)
        if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain')
      }
      connection.endCopyFrom()
    } catch (error) {
      this.#failure = error as Error
      connection.sendCopyFail('the source broke off')
    }
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.callback(this.#failure ?? error)
  }

  handleReadyForQuery(): void {
    this.callback(this.#failure)
  }
}
