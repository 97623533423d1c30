import type { BreakGlass, Clock } from '@vigil/contract'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import type { DurableHealth } from '../durable-health.ts'
import type { Registry } from '../registry/registry.ts'
import type { WardView } from '../wards/ward-view.ts'
import type { CountDrop, LiveHub } from './live-hub.ts'
import type { Sight } from './viewer.ts'

export interface BroadcastOptions {
  readonly registry: Registry
  readonly hub: LiveHub
  readonly view: WardView
  readonly alarms: Pick<AlarmDesk, 'listen'>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly countDrop: CountDrop
  /** Whether a session or token still stands; an open screen counts as use of it. */
  readonly isOpen: (caller: string) => boolean
  /** Wards opened in an emergency, of those this screen sees. */
  readonly opened: (sight: Pick<Sight, 'wards'>) => BreakGlass[]
}

export interface Wanted {
  readonly wards: readonly string[]
  readonly devices: readonly string[]
  readonly waves: readonly string[]
}
