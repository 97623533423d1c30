import type { Clock } from '@vigil/contract/clock'

/** Time of this computer. Its wall clock may be wrong: ages are reckoned in server time (`live/server-time.ts`). */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const id = setTimeout(run, delayMs)
    return () => clearTimeout(id)
  },
  every(intervalMs, run) {
    const id = setInterval(run, intervalMs)
    return () => clearInterval(id)
  },
}
