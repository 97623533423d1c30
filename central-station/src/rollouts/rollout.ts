import type { Rollout, RolloutDeviceState, RolloutFault, RolloutState } from '@vigil/contract'
import { field, iso } from '../iso.ts'

type Settings = Readonly<Record<string, unknown>>

export interface RolloutDevice {
  readonly id: string
  readonly ring: number
  readonly state: RolloutDeviceState
  /** What was desired of it when its turn came. */
  readonly before: { readonly version: number; readonly set: Settings } | null
  readonly asked: { readonly version: number; readonly atMs: number } | null
  readonly doneAtMs: number | null
  readonly fault: RolloutFault | null
  readonly why: string | null
  /** It failed, and a person went on all the same. */
  readonly excused: boolean
}

/** One change of many devices, ring by ring. Plain data: it is kept as it is. */
export interface RolloutFact {
  readonly id: string
  readonly version: number
  readonly state: RolloutState
  readonly set: Settings
  readonly reason: string
  readonly createdAtMs: number
  readonly createdBy: string
  readonly accountId: string | null
  readonly waitMs: number
  readonly watchMs: number
  readonly mostFailed: number
  readonly ring: number
  readonly ringSinceMs: number
  readonly devices: readonly RolloutDevice[]
}

/** What is known of a device now. */
export interface DeviceNow {
  readonly desired: { readonly version: number; readonly set: Settings }
  readonly reported: { readonly version: number; readonly errors: Readonly<Record<string, string>> }
  readonly lastSeenMs: number | undefined
  readonly isLost: boolean
}

/** Port: changes by rings as PostgreSQL keeps them. */
export interface RolloutStore {
  add(rollout: RolloutFact): Promise<void>
  /** False when its version is not `fromVersion` any longer. */
  save(rollout: RolloutFact, fromVersion: number): Promise<boolean>
  find(id: string): Promise<RolloutFact | undefined>
  /** Those that are not over. */
  open(): Promise<readonly RolloutFact[]>
  /** Newest first. */
  list(limit: number): Promise<readonly RolloutFact[]>
}

export const OVER: ReadonlySet<RolloutState> = new Set(['done', 'cancelled', 'put_back'])

export function viewOfRollout({ id, version, state, set, reason, createdAtMs, createdBy, waitMs, watchMs, mostFailed, ring, devices }: RolloutFact): Rollout {
  return {
    id, version, state, reason, createdBy, mostFailed, ring,
    set: { ...set },
    createdAt: iso(createdAtMs),
    waitS: waitMs / 1_000,
    watchS: watchMs / 1_000,
    devices: devices.map((device) => ({ id: device.id, ring: device.ring, state: device.state, ...field('version', device.asked?.version), ...field('fault', device.fault), ...field('why', device.why) })),
  }
}
