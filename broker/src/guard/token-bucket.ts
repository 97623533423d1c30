import { type Clock } from '@vigil/contract'

export interface TokenBucket {
  /** Takes `count` and answers after how many milliseconds they are really there; 0 when at once. */
  take(count: number): number
  /** Takes `count` only when they are there. */
  tryTake(count: number): boolean
}

/** A bucket that fills at `perSecond` up to `burst`. */
export function createTokenBucket({ perSecond, burst, clock }: { perSecond: number; burst: number; clock: Clock }): TokenBucket {
  let tokens = burst
  let filledAt = clock.monotonic()

  const fill = () => {
    const now = clock.monotonic()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * perSecond)
    filledAt = now
  }

  return {
    take(count) {
      fill()
      tokens -= count
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1_000)
    },
    tryTake(count) {
      fill()
      if (tokens < count) return false
      tokens -= count
      return true
    },
  }
}
