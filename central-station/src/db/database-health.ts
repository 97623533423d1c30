import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Durable, DurableHealth } from '../durable-health.ts'

export interface WatchedHealth extends DurableHealth {
  /** Something failed that may mean PostgreSQL is away: asked at once instead of at the next probe. */
  doubt(): void
  stop(): void
}

/** How often a quiet database is asked whether it lives, so that screens know within two seconds. */
export const PROBE_EVERY_MS = 1_000

/** Keeps one opinion on whether PostgreSQL answers. Starts as away: nothing has been proven yet. */
export function watchHealth({ clock, log, probe }: { clock: Clock; log: Log; probe: () => Promise<void> }): WatchedHealth {
  let state: Durable = 'away'
  let probing = false
  const listeners = new Set<(state: Durable) => void>()

  const become = (next: Durable) => {
    if (next === state) return
    state = next
    log.warn({ durable: next }, next === 'ok' ? 'database.back' : 'database.away')
    for (const listener of listeners) listener(next)
  }
  const ask = () => {
    if (probing) return
    probing = true
    probe()
      .then(() => become('ok'), () => become('away'))
      .finally(() => {
        probing = false
      })
  }
  const stopProbing: Stop = clock.every(PROBE_EVERY_MS, ask)
  ask()

  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    doubt: ask,
    stop: stopProbing,
  }
}
