/** A buffer that grows, reused from batch to batch. Big endian, as PostgreSQL's binary formats are. */
export class ByteWriter {
  #bytes: Buffer
  #at = 0

  constructor(initialBytes = 1 << 20) {
    this.#bytes = Buffer.allocUnsafe(initialBytes)
  }

  /** Starts anew, `skip` bytes from the start. */
  reset(skip = 0): void {
    this.#at = skip
  }

  /** What was written, skipped head included; valid until the next `reset`. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Makes sure that `more` bytes fit. Call before the puts it covers: they do not check. */
  reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }

  int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at)
  }

  int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
  }

  /** A whole number up to 2^53 as eight bytes; two halves, because a BigInt per value would be garbage. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.#at = this.#bytes.writeInt32BE(high, this.#at)
    this.#at = this.#bytes.writeUInt32BE(value - high * 0x1_0000_0000, this.#at)
  }

  float32(value: number): void {
    this.#at = this.#bytes.writeFloatBE(value, this.#at)
  }

  bytes(source: Uint8Array): void {
    this.reserve(source.length)
    this.#bytes.set(source, this.#at)
    this.#at += source.length
  }
}
