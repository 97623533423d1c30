import type { Clock, SignalName } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Registry } from '../registry/registry.ts'
import type { LiveHub } from './live-hub.ts'

export interface SeedValue {
  readonly deviceNo: number
  readonly signal: SignalName
  readonly value: number
  readonly t: number
}

/** Port: the newest stored value of each signal. */
export interface SeedStore {
  newest(deviceNos: readonly number[], sinceMs: number): Promise<readonly SeedValue[]>
}

/** A blood pressure of this morning is still the newest one. */
const SEED_MS = 24 * 3_600_000

/**
 * After a restart the wall knows what was measured before it, also of signals measured once an hour. Dated at the start
 * of the stored minute, so nothing looks fresher than it is.
 */
export async function seedLiveValues({ store, registry, hub, clock, log }: { store: SeedStore; registry: Registry; hub: LiveHub; clock: Clock; log: Log }): Promise<void> {
  const linked = registry.now().world.stays.flatMap((stay) => (stay.link ? [registry.now().devices.get(stay.link.deviceId)] : []))
  const idOf = new Map(linked.flatMap((device): [number, string][] => (device ? [[device.no, device.id]] : [])))
  if (idOf.size === 0) return
  try {
    for (const { deviceNo, signal, value, t } of await store.newest([...idOf.keys()], clock.now() - SEED_MS)) {
      const id = idOf.get(deviceNo)
      if (id !== undefined) hub.seed(id, { [signal]: value }, t)
    }
  } catch (err) {
    log.warn({ err }, 'live.not_seeded')
  }
}
