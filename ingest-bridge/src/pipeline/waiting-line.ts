/** Taken entries are let go of in blocks this large: shifting an array of thousands by one each time would cost more than it frees. */
const LET_GO_AFTER = 10_000

/** First in, first out, taken in bunches. */
export class WaitingLine<T> {
  #entries: T[] = []
  #head = 0

  add(entry: T): void {
    this.#entries.push(entry)
  }

  first(): T | undefined {
    return this.#entries[this.#head]
  }

  /** As many from the front as weigh `most` together, and one at least. */
  take(most: number, weigh: (entry: T) => number): T[] {
    const from = this.#head
    let weight = 0
    while (this.#head < this.#entries.length) {
      weight += weigh(this.#entries[this.#head] as T)
      if (this.#head > from && weight > most) break
      this.#head++
    }
    const taken = this.#entries.slice(from, this.#head)
    if (this.#head === this.#entries.length || this.#head > LET_GO_AFTER) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  /** Puts taken entries back in front. */
  putBack(entries: readonly T[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#head)]
    this.#head = 0
  }
}
