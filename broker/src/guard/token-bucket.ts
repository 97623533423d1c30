import type { Clock } from '@vigil/contract'

export interface TokenBucket {
  /** Takes `count` and answers after how many milliseconds they are really there; 0 when at once. */
  take(count: number): number
  /** Takes `count` only when they are there. */
  tryTake(count: number): boolean
}

export interface TokenBucketOptions {
  readonly perSecond: number
  readonly burst: number
  readonly clock: Clock
}

/** A bucket that fills at `perSecond` up to `burst`. */
export function createTokenBucket({ perSecond, burst, clock }: TokenBucketOptions): TokenBucket {
  return new Bucket(perSecond, burst, clock)
}

/** A class: there are three for every connection, and functions of their own would be larger than what they hold. */
class Bucket implements TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  readonly #clock: Clock
  #tokens: number
  #filledAt: number

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#clock = clock
    this.#tokens = burst
    this.#filledAt = clock.monotonic()
  }

  take(count: number): number {
    this.#fill()
    this.#tokens -= count
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1_000)
  }

  tryTake(count: number): boolean {
    this.#fill()
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  #fill(): void {
    const now = this.#clock.monotonic()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#perSecond)
    this.#filledAt = now
  }
}
