import type { Clock } from '@vigil/contract/clock'
import type { ModdableTime, ModdableTimer } from './moddable.ts'

const TICKS = 2 ** 32
/** The counter is looked at this often, so that a wrap is never missed. */
const LOOK_EVERY_MS = 60 * 60_000

export interface ModdableClockOptions {
  readonly timer: ModdableTimer
  readonly time: ModdableTime
  /** Wall clock, ms since 1970; near 0 while it was never set. The engine's own unless told. */
  readonly now?: () => number
}

/** Time of an XS engine. Its millisecond counter wraps after 49 days; a monitor runs for longer. */
export function moddableClock({ timer, time, now = () => Date.now() }: ModdableClockOptions): Clock {
  const first = time.ticks
  let last = first
  let elapsedMs = 0

  const monotonic = (): number => {
    const ticks = time.ticks
    elapsedMs += (ticks - last + TICKS) % TICKS
    last = ticks
    return elapsedMs
  }
  const stopping = (id: unknown): (() => void) => {
    let running = true
    return () => {
      if (running) timer.clear(id)
      running = false
    }
  }
  timer.repeat(() => void monotonic(), LOOK_EVERY_MS)

  return {
    now,
    monotonic,
    after(delayMs, run) {
      // XS throws when a timer that has fired is cleared, so it is forgotten first.
      let stop = (): void => {}
      const id = timer.set(() => {
        stop = () => {}
        run()
      }, Math.max(0, Math.round(delayMs)))
      stop = stopping(id)
      return () => stop()
    },
    every: (intervalMs, run) => stopping(timer.repeat(run, Math.max(1, Math.round(intervalMs)))),
  }
}
