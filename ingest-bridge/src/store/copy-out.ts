import type { Connection, Submittable } from 'pg'

const SIGNATURE_BYTES = 11
const HEADER_BYTES = SIGNATURE_BYTES + 8
const TRAILER = -1

/**
 * A COPY to us in binary format (PostgreSQL manual, COPY). Each row is read while its bytes are there: the parser uses them again.
 * `done` resolves once the server has told everything.
 */
export class CopyOut implements Submittable {
  readonly done: Promise<void>
  /** Found and wrapped by `pg` for its query timeout. */
  callback: (error?: Error) => void
  readonly #text: string
  readonly #onRow: (fields: RowFields) => void
  #begun = false
  #failure: Error | undefined

  constructor(text: string, onRow: (fields: RowFields) => void) {
    this.#text = text
    this.#onRow = onRow
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.done = promise
    this.callback = (error) => (error ? reject(error) : resolve())
  }

  submit(connection: Connection): void {
    connection.query(this.#text)
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    // The header comes with the first row, or alone.
    const from = this.#begun ? 0 : HEADER_BYTES
    this.#begun = true
    if (this.#failure || chunk.length < from + 2 || chunk.readInt16BE(from) === TRAILER) return
    try {
      this.#onRow(new RowFields(chunk, from + 2))
    } catch (error) {
      this.#failure = error as Error
    }
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(this.#failure)
  }
}

/** The fields of one row, in order. `undefined` is NULL. */
export class RowFields {
  readonly #row: Buffer
  #at: number

  constructor(row: Buffer, at: number) {
    this.#row = row
    this.#at = at
  }

  int16(): number {
    return this.#row.readInt16BE(this.#fixed(2))
  }

  int32(): number {
    return this.#row.readInt32BE(this.#fixed(4))
  }

  /** Exact up to 2^53. */
  int64(): number {
    const at = this.#fixed(8)
    return this.#row.readInt32BE(at) * 0x1_0000_0000 + this.#row.readUInt32BE(at + 4)
  }

  float32(): number | undefined {
    const length = this.#length()
    if (length < 0) return undefined
    this.#at += length
    return this.#row.readFloatBE(this.#at - length)
  }

  /** A copy. */
  bytes(): Uint8Array | undefined {
    const length = this.#length()
    if (length < 0) return undefined
    this.#at += length
    return Uint8Array.from(this.#row.subarray(this.#at - length, this.#at))
  }

  text(): string | undefined {
    const bytes = this.bytes()
    return bytes && Buffer.from(bytes).toString('utf8')
  }

  #length(): number {
    this.#at += 4
    return this.#row.readInt32BE(this.#at - 4)
  }

  #fixed(length: number): number {
    this.#length()
    this.#at += length
    return this.#at - length
  }
}
