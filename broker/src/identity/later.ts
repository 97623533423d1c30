import type { Clock } from '@vigil/contract'

export interface Later {
  ask(): void
  /** Tells whether it was still due. */
  cancel(): boolean
}

/** Runs something a little later, once, however often it is asked for in the meantime. */
export function createLater(clock: Clock, afterMs: number, run: () => void): Later {
  let stop: (() => void) | undefined
  return {
    ask() {
      stop ??= clock.after(afterMs, () => {
        stop = undefined
        run()
      })
    },
    cancel() {
      const due = stop !== undefined
      stop?.()
      stop = undefined
      return due
    },
  }
}

/** Waits for something no longer than that: a frozen server never answers a farewell. */
export function within(clock: Clock, ms: number, farewell: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, resolve)
    const over = () => {
      stop()
      resolve()
    }
    farewell.then(over, over)
  })
}

/** One run at a time; asked for during a run, it runs once more, because that run may have looked too early. */
export function createOneAtATime(run: () => Promise<void>): () => void {
  let running = false
  let again = false
  const go = async () => {
    running = true
    do {
      again = false
      await run()
    } while (again)
    running = false
  }
  return () => {
    if (running) again = true
    else void go()
  }
}
