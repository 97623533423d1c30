import type { Clock } from '@vigil/contract'

/** What a program that was frozen and is awake again knows of it. */
export interface Sleep {
  /** How long it slept, as long as nobody has told what happened meanwhile; 0 when it did not. */
  unexplainedMs(): number
  explained(): void
}

/** `fromMs`: a question that comes later than this after the one before was slept through. */
export function watchSleep(clock: Clock, fromMs: number): Sleep {
  let awakeMs = clock.monotonic()
  let sleptMs = 0
  return {
    // Whoever asks may be the first to run.
    unexplainedMs() {
      const now = clock.monotonic()
      if (now - awakeMs > fromMs) sleptMs = now - awakeMs
      awakeMs = now
      return sleptMs
    },
    explained: () => { sleptMs = 0 },
  }
}
