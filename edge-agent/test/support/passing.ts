import type { ManualClock } from '@vigil/contract/testing/manual-clock'

/** Lets time pass until a promise that waits for it has settled. */
export async function passing<T>(clock: ManualClock, promise: Promise<T>, stepMs = 10): Promise<T> {
  const state = { settled: false }
  const done = promise.finally(() => (state.settled = true))
  // The result is awaited below; a rejection must not count as unhandled until then.
  done.catch(() => {})
  for (let step = 0; !state.settled && step < 10_000; step += 1) {
    await new Promise<void>((resolve) => void setImmediate(resolve))
    if (!state.settled) clock.advance(stepMs)
  }
  return done
}
