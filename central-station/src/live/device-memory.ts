import type { Clock, DeviceState, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'
import type { ReportedFact } from '../registry/world.ts'
import type { LiveHub } from './live-hub.ts'

export interface DeviceMemo {
  readonly id: string
  readonly birth: DeviceState | undefined
  readonly reported: ReportedFact | undefined
  readonly lastSeenMs: number | undefined
}

/** Port: what is heard of devices, for the next start. */
export interface DeviceMemoStore {
  write(memos: readonly DeviceMemo[]): Promise<void>
}

/** Births and reports soon; the time last seen changes with every sample and is written now and then. */
const FACTS_EVERY_MS = 1_000
const SEEN_EVERY_MS = 30_000

export interface DeviceMemory {
  stop(): Promise<void>
}

/** Writes what the live hub heard to the database, lazily: newest only, nothing is lost but freshness when it is away. */
export function startDeviceMemory(options: { hub: LiveHub; store: DeviceMemoStore; health: DurableHealth; clock: Clock; log: Log }): DeviceMemory {
  const { hub, store, health, clock, log } = options
  const facts = new Set<string>()
  const seen = new Set<string>()
  let writing = Promise.resolve()

  const write = (ids: Set<string>): Promise<void> => {
    if (ids.size === 0 || health.state() === 'away') return writing
    const batch = [...ids]
    ids.clear()
    writing = writing
      .then(() => store.write(batch.map((id) => ({ id, birth: hub.birth(id), reported: hub.reported(id), lastSeenMs: hub.lastSeenMs(id) }))))
      .catch((err: unknown) => {
        for (const id of batch) ids.add(id)
        log.warn({ err }, 'device_memory.not_written')
      })
    return writing
  }
  const stops: Stop[] = [
    hub.listen({
      values: (device) => void seen.add(device),
      presence: (device) => void seen.add(device),
      birth: (device) => void facts.add(device),
      reported: (device) => void facts.add(device),
    }),
    clock.every(FACTS_EVERY_MS, () => void write(facts)),
    clock.every(SEEN_EVERY_MS, () => void write(seen)),
  ]
  return {
    async stop() {
      for (const stop of stops) stop()
      await write(new Set([...facts, ...seen]))
    },
  }
}
