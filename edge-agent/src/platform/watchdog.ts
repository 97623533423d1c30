import { spawn } from 'node:child_process'
import type { Clock, Stop } from '@vigil/contract/clock'

export interface Watchdog {
  /** Says that the end is wanted, and feeds no more. */
  stopping(): void
  /** Feeds once more and then no longer, until the run that begins under the same process number does. */
  startingAgain(): void
}

export interface WatchdogOptions {
  readonly clock: Clock
  /** False when seconds no longer pass through the agent: then nothing is said, and systemd starts it anew. */
  readonly isAlive: () => boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

const MICROSECONDS = 1_000
/** systemd's advice (sd_watchdog_enabled(3)): half of the time allowed; a third leaves room for one late message. */
const SHARE = 3

/**
 * Tells systemd that the agent is ready and alive (sd_notify(3)). Node has no datagram sockets on Unix paths, so each word goes by
 * `systemd-notify`, which is part of systemd itself; the unit says `NotifyAccess=all`, because it is not the agent's own process
 * that speaks. Without `NOTIFY_SOCKET` there is nobody to tell.
 */
export function openWatchdog({ clock, isAlive, env }: WatchdogOptions): Watchdog {
  if (!env['NOTIFY_SOCKET']) return { stopping: () => {}, startingAgain: () => {} }
  const pid = `--pid=${process.pid}`
  const tell = (...words: readonly string[]): void => {
    const child = spawn('systemd-notify', [pid, ...words], { stdio: 'ignore', env: { ...env } })
    // Without the helper systemd hears nothing and starts the agent anew: loud enough.
    child.on('error', () => {})
  }
  tell('--ready', '--status=Measuring')
  const everyMs = Number(env['WATCHDOG_USEC'] ?? 0) / MICROSECONDS / SHARE
  const stop: Stop = everyMs > 0 ? clock.every(everyMs, () => isAlive() && tell('WATCHDOG=1')) : () => {}
  return {
    stopping() {
      stop()
      // As a word of the protocol: systemd-notify before 253 knows no option for it.
      tell('STOPPING=1')
    },
    startingAgain() {
      stop()
      // No goodbye: after one systemd waits for the end of this process number, and kills what has begun anew under it.
      tell('--status=Starting again', 'WATCHDOG=1')
    },
  }
}
