import { LIVE_HEARTBEAT_MS, LIVE_SILENCE_LIMIT_MS } from '@vigil/contract/api/live-wire'
import type { Clock, Stop } from '@vigil/contract/clock'

/** `quiet`: two heartbeats missed, ages go on counting. `blind`: the screen must not be relied on. */
export type Sight = 'starting' | 'live' | 'quiet' | 'blind'

const QUIET_AFTER_MS = 2 * LIVE_HEARTBEAT_MS
const LOOK_EVERY_MS = 500

/** How well a screen sees that has heard nothing for `silentMs`. */
export function sightAfter(silentMs: number, heardBefore: boolean): Sight {
  if (silentMs >= LIVE_SILENCE_LIMIT_MS) return 'blind'
  if (!heardBefore) return 'starting'
  return silentMs > QUIET_AFTER_MS ? 'quiet' : 'live'
}

export interface Watchdog {
  /** Something came from the server. */
  beat(): void
  stop(): void
}

/** Says `blind` when nothing came for the limit. Runs in a Worker, whose timers a hidden tab does not slow down. */
export function createWatchdog(clock: Clock, onSight: (sight: Sight) => void): Watchdog {
  let lastMs = clock.monotonic()
  let heard = false
  let said: Sight | undefined

  const look = () => {
    const sight = sightAfter(clock.monotonic() - lastMs, heard)
    if (sight !== said) onSight((said = sight))
  }
  const stop: Stop = clock.every(LOOK_EVERY_MS, look)
  look()
  return {
    beat() {
      lastMs = clock.monotonic()
      heard = true
      look()
    },
    stop,
  }
}
