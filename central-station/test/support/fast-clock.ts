import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'

export interface FastClock extends ManualClock {
  /** Lets so much time pass much faster than it would, in small steps, with real sockets served in between. */
  pass(ms: number): Promise<void>
  /** Lets time pass fast until something is so. */
  passUntil<T>(what: string, mostMs: number, ask: () => Promise<T | undefined> | T | undefined): Promise<T>
  stop(): void
}

const STEP_MS = 200
const SERVE_MS = 10
const ASK_EVERY_MS = 1_000

/** A clock for a whole station: it goes by itself, as a real one, and minutes of it are over in seconds. */
export function fastClock(): FastClock {
  const clock = manualClock(Date.now())
  const timer = setInterval(() => clock.advance(SERVE_MS * 2), SERVE_MS * 2)
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += STEP_MS) {
      clock.advance(STEP_MS)
      await new Promise((resolve) => { setTimeout(resolve, SERVE_MS) })
    }
  }
  return {
    ...clock,
    pass,
    async passUntil(what, mostMs, ask) {
      for (let at = 0; at <= mostMs; at += ASK_EVERY_MS) {
        const answer = await ask()
        if (answer !== undefined) return answer
        await pass(ASK_EVERY_MS)
      }
      throw new RangeError(`${mostMs} ms went by in vain for: ${what}`)
    },
    stop: () => clearInterval(timer),
  }
}
