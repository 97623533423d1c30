import type { Clock, Stop } from '../clock.ts'

interface Timer {
  readonly id: number
  dueAt: number
  readonly intervalMs: number | undefined
  readonly run: () => void
}

export interface ManualClock extends Clock {
  /** Moves time forward, running every timer that falls due, in order. */
  advance(byMs: number): void
  /** Moves only the wall clock, as a wrong NTP step does; timers do not notice. */
  stepWallClock(byMs: number): void
  /** Timers still waiting: a test that ends with some has leaked them. */
  pending(): number
}

/** A clock that stands still until told. */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0
  let wallOffsetMs = startMs
  let nextId = 1
  const timers = new Map<number, Timer>()

  const add = (delayMs: number, run: () => void, intervalMs?: number): Stop => {
    const id = nextId++
    timers.set(id, { id, dueAt: elapsedMs + delayMs, intervalMs, run })
    return () => timers.delete(id)
  }

  const nextDue = (untilMs: number): Timer | undefined =>
    [...timers.values()].filter((t) => t.dueAt <= untilMs).sort((a, b) => a.dueAt - b.dueAt || a.id - b.id)[0]

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    after: (delayMs, run) => add(delayMs, run),
    every: (intervalMs, run) => add(intervalMs, run, intervalMs),
    advance(byMs) {
      const untilMs = elapsedMs + byMs
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        elapsedMs = Math.max(elapsedMs, timer.dueAt)
        if (timer.intervalMs === undefined) timers.delete(timer.id)
        else timer.dueAt += timer.intervalMs
        timer.run()
      }
      elapsedMs = untilMs
    },
    stepWallClock: (byMs) => {
      wallOffsetMs += byMs
    },
    pending: () => timers.size,
  }
}
