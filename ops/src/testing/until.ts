import { AppError } from '@vigil/contract'
import { pause, systemClock } from '@vigil/program'

/** Asks again until the answer is not `undefined`; fails with what was waited for when the deadline passes. */
export async function until<T>(what: string, withinMs: number, ask: () => Promise<T | undefined> | T | undefined, everyMs = 50): Promise<T> {
  const deadline = systemClock.monotonic() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (systemClock.monotonic() > deadline) throw new AppError('INTERNAL', `Waited ${withinMs} ms in vain for: ${what}`)
    await pause(systemClock, everyMs)
  }
}
