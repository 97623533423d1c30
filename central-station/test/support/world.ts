import type { Stop } from '@vigil/contract'
import type { AlarmDesk } from '../../src/alarms/alarm-desk.ts'
import type { AlarmSight } from '../../src/wards/ward-view.ts'
import type { DurableHealth } from '../../src/durable-health.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { changeBetween, indexWorld, type WorldChange } from '../../src/registry/world-index.ts'
import { type DeviceFact, emptyWorld, type StayFact, type World } from '../../src/registry/world.ts'

/** A registry in memory whose world the test sets. */
export function memoryRegistry(world: World = emptyWorld): Registry & { set(world: World): void } {
  let index = indexWorld(world)
  const listeners = new Set<(change: WorldChange) => void>()
  return {
    now: () => index,
    refresh: async () => undefined,
    onChange(listener): Stop {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => undefined,
    set(next) {
      const before = index
      index = indexWorld(next)
      for (const listener of listeners) listener(changeBetween(before, index))
    },
  }
}

/** An alarm engine with nothing to say. */
export const quietAlarms: AlarmSight & Pick<AlarmDesk, 'listen'> = {
  ofStay: () => [], ofWard: () => [], audioOf: () => ({ mode: 'on' }), monitoringOf: () => ({ mode: 'on' }), news2Of: () => undefined, listen: () => () => undefined,
  watch: () => ({ engine: 'ok', checkedAt: '', staysWatched: 0, armedScreens: {} }),
}

export const alwaysOk: DurableHealth = { state: () => 'ok', onChange: () => () => undefined }

export function deviceFact(id: string, more: Partial<DeviceFact> = {}): DeviceFact {
  return { no: 1, id, site: 'main', label: '', mode: 'real', note: '', createdAtMs: 0, retiredAtMs: null, secretAtMs: 0, secretPreviousUntilMs: null, revokedAtMs: null, notices: [], desired: null, birth: null, lastSeenMs: null, reported: null, ...more }
}

export function stayFact(id: string, bedId: string, deviceId: string | undefined, fromMs = 0, wardId = 'w'): StayFact {
  return {
    id,
    patient: { id: `patient-of-${id}`, familyName: 'Test', givenName: '', title: '', mode: 'real' },
    bedId,
    wardId,
    reason: '',
    admittedAtMs: fromMs,
    version: 1,
    link: deviceId === undefined ? null : { intervalId: `${id}-interval`, deviceId, fromMs },
  }
}

/** One ward `w` with so many beds `b0`…, each with a stay and a device `d0`…. */
export function wardOf(beds: number, fromMs = 0): World {
  const each = Array.from({ length: beds }, (_, i) => i)
  return {
    wards: [{ id: 'w', site: 'main', name: 'Ward', mode: 'real', beds: each.map((i) => ({ id: `b${i}`, label: String(i) })) }],
    devices: each.map((i) => deviceFact(`d${i}`, { no: i + 1 })),
    stays: each.map((i) => stayFact(`s${i}`, `b${i}`, `d${i}`, fromMs)),
  }
}
