import type { Clock } from '@vigil/contract'
import { pause } from '@vigil/program'
import { isSame, type ProcessIdentity } from './identity.ts'

const POLL_MS = 25

/** One signal and how long to wait for it to take effect. */
export interface Ending {
  readonly signal: NodeJS.Signals
  readonly waitMs: number
}

/** Signals the recorded process, gently first, until it is gone. Answers false when it outlived every signal. */
export async function endProcess(recorded: Pick<ProcessIdentity, 'pid' | 'began'>, endings: readonly Ending[], clock: Clock): Promise<boolean> {
  for (const { signal, waitMs } of endings) {
    if (!isSame(recorded)) return true
    sendSignal(recorded.pid, signal)
    if (await waitUntil(() => !isSame(recorded), waitMs, clock)) return true
  }
  return !isSame(recorded)
}

/** Sends a signal; a process that is already gone is no failure. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Polls until the condition holds; false when the time ran out first. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, limitMs: number, clock: Clock, everyMs = POLL_MS): Promise<boolean> {
  const until = clock.monotonic() + limitMs
  for (;;) {
    if (await condition()) return true
    if (clock.monotonic() >= until) return false
    await pause(clock, everyMs)
  }
}
