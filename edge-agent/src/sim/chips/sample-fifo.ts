/**
 * The FIFO of a MAX30102 (32 samples, 5-bit pointers) or MAX30100 (16, 4-bit): pointers are equal when it is empty and when it
 * is full. When it is full, new samples either push out the oldest (roll-over) or are lost; both are counted up to the largest
 * pointer, and the count goes to zero when a sample is read whole.
 */
export class SampleFifo {
  rollOver = false
  readonly #depth: number
  readonly #samples: Uint8Array[]
  #write = 0
  #read = 0
  #unread = 0
  #lost = 0
  /** The sample being read out and how far. */
  #open: Uint8Array = new Uint8Array()
  #position = 0

  constructor(depth: 16 | 32 = 32) {
    this.#depth = depth
    this.#samples = Array.from({ length: depth }, () => new Uint8Array())
  }

  get unread(): number {
    return this.#unread
  }

  get writePointer(): number {
    return this.#write
  }

  get readPointer(): number {
    return this.#read
  }

  get overflow(): number {
    return this.#lost
  }

  /** A host may move a pointer, for instance back to read samples again. */
  set writePointer(value: number) {
    this.#write = value & (this.#depth - 1)
    this.#recount()
  }

  set readPointer(value: number) {
    this.#read = value & (this.#depth - 1)
    this.#recount()
  }

  set overflow(value: number) {
    this.#lost = value & this.#depth - 1
  }

  clear(): void {
    this.#write = 0
    this.#read = 0
    this.#lost = 0
    this.#recount()
  }

  push(sample: Uint8Array): void {
    const full = this.#unread === this.#depth
    if (full) this.#countLost(1)
    if (full && !this.rollOver) return
    this.#samples[this.#write] = sample
    this.#write = (this.#write + 1) & (this.#depth - 1)
    if (full) this.#read = this.#write
    else this.#unread += 1
  }

  /** Stands for so many pushes with roll-over, when as many more as the FIFO is deep follow and overwrite everything. */
  skip(samples: number): void {
    this.#countLost(samples)
    this.#write = (this.#write + samples) & (this.#depth - 1)
    this.#read = (this.#read + samples) & (this.#depth - 1)
  }

  /** The next byte of FIFO_DATA. The read pointer moves on with the first byte of a sample; an empty FIFO gives zeros. */
  nextByte(): number {
    if (this.#position >= this.#open.length) {
      if (this.#unread === 0) return 0
      this.#open = this.#samples[this.#read] ?? new Uint8Array()
      this.#position = 0
      this.#read = (this.#read + 1) & (this.#depth - 1)
      this.#unread -= 1
    }
    const byte = this.#open[this.#position] ?? 0
    this.#position += 1
    if (this.#position === this.#open.length) this.#lost = 0
    return byte
  }

  #countLost(samples: number): void {
    this.#lost = Math.min(this.#depth - 1, this.#lost + samples)
  }

  #recount(): void {
    this.#unread = (this.#write - this.#read) & (this.#depth - 1)
    this.#open = new Uint8Array()
    this.#position = 0
  }
}
