import type { Stop } from '@vigil/contract'

/** Whether what is written now reaches PostgreSQL. Told to every screen with each heartbeat. */
export type Durable = 'ok' | 'away'

export interface DurableHealth {
  state(): Durable
  onChange(listener: (state: Durable) => void): Stop
}
