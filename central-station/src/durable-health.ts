import type { Stop } from '@vigil/contract'

/** Whether what is written now reaches PostgreSQL. Told to every screen with each heartbeat. */
export type Durable = 'ok' | 'away'

export interface DurableHealth {
  state(): Durable
  onChange(listener: (state: Durable) => void): Stop
}

/** Now if PostgreSQL is there, and each time it comes back. */
export function onceOk(health: DurableHealth, run: () => void): () => void {
  const stop = health.onChange((state) => state === 'ok' && run())
  if (health.state() === 'ok') queueMicrotask(run)
  return stop
}
