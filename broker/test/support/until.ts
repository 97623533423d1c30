import { pause, systemClock } from '@vigil/program'

const LOOK_EVERY_MS = 5

/** Waits until something is true, and says what it waited for when it never became so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = systemClock.monotonic() + withinMs
  while (!(await isSo())) {
    if (systemClock.monotonic() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`)
    await pause(systemClock, LOOK_EVERY_MS)
  }
}
