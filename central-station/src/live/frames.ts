import type { Clock, LatestValue, LiveFrame } from '@vigil/contract'
import { veil } from '../people/veil.ts'
import type { Registry } from '../registry/registry.ts'
import type { WardView } from '../wards/ward-view.ts'
import type { LiveHub } from './live-hub.ts'
import type { Dirty } from './viewer.ts'

type WithoutTime<F> = F extends { serverTimeMs: number } ? Omit<F, 'serverTimeMs'> : never
export type Frame = WithoutTime<LiveFrame>

/** `veiled`: to a screen that is locked. */
export interface Telling {
  readonly veiled: boolean
}

/** Live frames as text, stamped with the time of this server. Each is made once and sent to whoever wants it. */
export interface Frames {
  text(frame: Frame, how?: Telling): string
  ward(id: string, how?: Telling): string | undefined
  bed(bedId: string, how?: Telling): string | undefined
  /** One device's part of a `values` frame; everything of it when `changed` is left out. */
  delta(device: string, changed?: Dirty): string
  values(deltas: readonly string[]): string
}

export function createFrames({ registry, hub, view, clock }: { registry: Registry; hub: LiveHub; view: WardView; clock: Clock }): Frames {
  const text = (frame: Frame, { veiled }: Telling = { veiled: false }) => JSON.stringify({ ...(veiled ? veil(frame) : frame), serverTimeMs: clock.now() })
  return {
    text,
    ward(id, how) {
      const ward = view.ward(id)
      return ward && text({ type: 'ward', ward }, how)
    },
    bed(bedId, how) {
      const found = view.bed(bedId)
      return found && text({ type: 'bed', ...found }, how)
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

/** Text made once for all who see names, and once for all who do not, when the first of each asks. */
export function bothWays<T>(make: (how: Telling) => T): (viewer: { readonly isVeiled: boolean }) => T {
  const made = new Map<boolean, T>()
  return ({ isVeiled }) => {
    const known = made.get(isVeiled)
    if (known !== undefined) return known
    const text = make({ veiled: isVeiled })
    made.set(isVeiled, text)
    return text
  }
}
