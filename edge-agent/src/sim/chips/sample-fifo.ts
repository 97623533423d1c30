const DEPTH = 32
const POINTER_MASK = DEPTH - 1
const OVERFLOW_LIMIT = 0x1f

/**
 * The MAX30102's FIFO: 32 samples, 5-bit pointers, equal when empty and when full. When it is full, new samples either push out
 * the oldest (roll-over) or are lost; both are counted up to 31, and the count goes to zero when a sample is read whole.
 */
export class SampleFifo {
  rollOver = false
  readonly #samples: Uint8Array[] = Array.from({ length: DEPTH }, () => new Uint8Array())
  #write = 0
  #read = 0
  #unread = 0
  #lost = 0
  /** The sample being read out and how far. */
  #open: Uint8Array = new Uint8Array()
  #position = 0

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
    this.#write = value & POINTER_MASK
    this.#recount()
  }

  set readPointer(value: number) {
    this.#read = value & POINTER_MASK
    this.#recount()
  }

  set overflow(value: number) {
    this.#lost = value & OVERFLOW_LIMIT
  }

  clear(): void {
    this.#write = 0
    this.#read = 0
    this.#lost = 0
    this.#recount()
  }

  push(sample: Uint8Array): void {
    const full = this.#unread === DEPTH
    if (full) this.#countLost(1)
    if (full && !this.rollOver) return
    this.#samples[this.#write] = sample
    this.#write = (this.#write + 1) & POINTER_MASK
    if (full) this.#read = this.#write
    else this.#unread += 1
  }

  /** Stands for so many pushes with roll-over, when as many more as the FIFO is deep follow and overwrite everything. */
  skip(samples: number): void {
    this.#countLost(samples)
    this.#write = (this.#write + samples) & POINTER_MASK
    this.#read = (this.#read + samples) & POINTER_MASK
  }

  /** The next byte of FIFO_DATA. The read pointer moves on with the first byte of a sample; an empty FIFO gives zeros. */
  nextByte(): number {
    if (this.#position >= this.#open.length) {
      if (this.#unread === 0) return 0
      this.#open = this.#samples[this.#read] ?? new Uint8Array()
      this.#position = 0
      this.#read = (this.#read + 1) & POINTER_MASK
      this.#unread -= 1
    }
    const byte = this.#open[this.#position] ?? 0
    this.#position += 1
    if (this.#position === this.#open.length) this.#lost = 0
    return byte
  }

  #countLost(samples: number): void {
    this.#lost = Math.min(OVERFLOW_LIMIT, this.#lost + samples)
  }

  #recount(): void {
    this.#unread = (this.#write - this.#read) & POINTER_MASK
    this.#open = new Uint8Array()
    this.#position = 0
  }
}
