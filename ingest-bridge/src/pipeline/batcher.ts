import { type Clock, retryDelayMs } from '@vigil/contract'
import { WaitingLine } from './waiting-line.ts'

/** Most objects in one transaction. */
export const MAX_BATCH_OBJECTS = 5_000
const RETRY = { leastMs: 100, firstMs: 100, longestMs: 5_000 }

export interface BatcherOptions<T> {
  readonly sizeOf: (entry: T) => number
  /** Stores a batch whole. Throws when it must be tried again later: nothing of it counts as stored then. */
  readonly commit: (batch: readonly T[]) => Promise<void>
  readonly onFailure: (error: unknown, failures: number) => void
  /** After a failure: true for an entry that was handed back instead of waiting here. */
  readonly handBack?: (entry: T) => boolean
  readonly clock: Clock
  readonly random: () => number
  readonly maxObjects?: number
}

/**
 * Natural group commit: one transaction in flight; when it returns, the next takes all that has gathered meanwhile. Small batches
 * and no waiting when little comes, large ones when much does, and no timer to tune.
 */
export class Batcher<T> {
  readonly #options: BatcherOptions<T>
  readonly #line = new WaitingLine<T>()
  #batch: readonly T[] = []
  #running: Promise<void> | undefined
  #failures = 0
  /** No more waiting for a database that is away. */
  #finishing = false
  #endPause: (() => void) | undefined

  constructor(options: BatcherOptions<T>) {
    this.#options = options
  }

  add(entry: T): void {
    this.#line.add(entry)
    this.#start()
  }

  /** The entry that has waited longest, also when it is part of the batch in flight. */
  oldest(): T | undefined {
    return this.#batch[0] ?? this.#line.first()
  }

  /** Resolves when nothing is waiting, or once a commit fails: the database is away then, and whoever holds the data keeps it. */
  async drain(): Promise<void> {
    this.#finishing = true
    this.#endPause?.()
    this.#start()
    await this.#running
  }

  #start(): void {
    // After the socket's chunk is read whole: its messages then share the first transaction.
    this.#running ??= Promise.resolve().then(() => this.#run())
  }

  async #run(): Promise<void> {
    const { commit, sizeOf, maxObjects = MAX_BATCH_OBJECTS, onFailure } = this.#options
    let goesOn = true
    while (goesOn) {
      this.#batch = this.#line.take(maxObjects, sizeOf)
      if (this.#batch.length === 0) break
      try {
        await commit(this.#batch)
        this.#failures = 0
      } catch (error) {
        onFailure(error, ++this.#failures)
        // Joined by what has come meanwhile: the batch after an outage should be a large one.
        this.#line.putBack(this.#batch)
        this.#handBack()
        goesOn = !this.#finishing
        this.#batch = []
        if (goesOn) await this.#pause()
      }
    }
    this.#running = undefined
  }

  #handBack(): void {
    const { handBack } = this.#options
    if (!handBack) return
    this.#line.putBack(this.#line.take(Infinity, () => 1).filter((entry) => !handBack(entry)))
  }

  #pause(): Promise<void> {
    const { clock, random } = this.#options
    return new Promise((resolve) => {
      const stop = clock.after(retryDelayMs(this.#failures - 1, RETRY, random), () => this.#endPause?.())
      this.#endPause = () => {
        stop()
        this.#endPause = undefined
        resolve()
      }
    })
  }
}
