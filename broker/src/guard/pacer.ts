import type { Clock } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import { createTokenBucket } from './token-bucket.ts'

export interface Pacer {
  /** Runs `next` in its turn: at once, or as soon as the rate allows. False when too much waits already. */
  pass(bytes: number, next: () => void): boolean
  /** Messages that wait. */
  waiting(): number
  /** Runs whatever waits at once: its client has gone, so nothing more comes. */
  flush(): void
  /** Forgets whatever waits. */
  stop(): void
}

interface Waiting {
  readonly dueAt: number
  readonly bytes: number
  readonly next: () => void
}

type PacerLimits = Pick<BrokerLimits, 'messagesPerSecond' | 'messagesBurst' | 'bytesPerSecond' | 'bytesBurst' | 'heldMessages' | 'heldBytes'>

/**
 * Holds a client to its rate by answering later: the message is acknowledged and passed on when its turn comes, in order.
 * A client with a window slows down by itself and loses nothing; one that goes on regardless meets the bound.
 */
export function createPacer(clock: Clock, limits: PacerLimits): Pacer {
  const messages = createTokenBucket({ perSecond: limits.messagesPerSecond, burst: limits.messagesBurst, clock })
  const volume = createTokenBucket({ perSecond: limits.bytesPerSecond, burst: limits.bytesBurst, clock })
  const queue: Waiting[] = []
  let queuedBytes = 0
  let stopTimer: (() => void) | undefined

  const run = () => {
    stopTimer = undefined
    while (queue[0] && queue[0].dueAt <= clock.monotonic()) {
      const { bytes, next } = queue.shift() as Waiting
      queuedBytes -= bytes
      next()
    }
    const [head] = queue
    if (head) stopTimer ??= clock.after(Math.max(1, head.dueAt - clock.monotonic()), run)
  }

  return {
    pass(bytes, next) {
      const waitMs = Math.max(messages.take(1), volume.take(bytes))
      if (waitMs === 0 && queue.length === 0) {
        next()
        return true
      }
      if (queue.length >= limits.heldMessages || queuedBytes + bytes > limits.heldBytes) return false
      queue.push({ dueAt: clock.monotonic() + waitMs, bytes, next })
      queuedBytes += bytes
      stopTimer ??= clock.after(Math.max(1, waitMs), run)
      return true
    },
    waiting: () => queue.length,
    flush() {
      for (const { next } of clear()) next()
    },
    stop: () => void clear(),
  }

  function clear(): Waiting[] {
    stopTimer?.()
    stopTimer = undefined
    queuedBytes = 0
    return queue.splice(0)
  }
}
