import type { Clock, LatestValue, LiveFrame } from '@vigil/contract'
import type { Registry } from '../registry/registry.ts'
import type { WardView } from '../wards/ward-view.ts'
import type { LiveHub } from './live-hub.ts'
import type { Dirty } from './viewer.ts'

type WithoutTime<F> = F extends { serverTimeMs: number } ? Omit<F, 'serverTimeMs'> : never
export type Frame = WithoutTime<LiveFrame>

/** Live frames as text, stamped with the time of this server. Each is made once and sent to whoever wants it. */
export interface Frames {
  text(frame: Frame): string
  ward(id: string): string | undefined
  bed(bedId: string): string | undefined
  /** One device's part of a `values` frame; everything of it when `changed` is left out. */
  delta(device: string, changed?: Dirty): string
  values(deltas: readonly string[]): string
}

export function createFrames({ registry, hub, view, clock }: { registry: Registry; hub: LiveHub; view: WardView; clock: Clock }): Frames {
  const text = (frame: Frame) => JSON.stringify({ ...frame, serverTimeMs: clock.now() })
  return {
    text,
    ward(id) {
      const ward = view.ward(id)
      return ward && text({ type: 'ward', ward })
    },
    bed(bedId) {
      const found = view.bed(bedId)
      return found && text({ type: 'bed', ...found })
    },
    delta(device, changed) {
      // Values from before this stay belong to someone else.
      const sinceMs = registry.now().stayOfDevice.get(device)?.link?.fromMs ?? 0
      const facts = !changed || changed.facts ? { status: hub.status(device), intervalMs: hub.intervalMs(device) } : {}
      if (!changed) return JSON.stringify({ device, ...facts, values: hub.latest(device, sinceMs) })
      const values: Record<string, LatestValue> = {}
      for (const signal of changed.signals) {
        const value = hub.latestOf(device, signal, sinceMs)
        if (value) values[signal] = value
      }
      return JSON.stringify({ device, ...facts, values })
    },
    values: (deltas) => `{"type":"values","serverTimeMs":${clock.now()},"devices":[${deltas.join(',')}]}`,
  }
}
