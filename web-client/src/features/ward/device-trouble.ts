import type { BedDevice } from '@vigil/contract/api/patients'

/** A device that is not heard from: catalogue key, and since when it is silent. */
export interface DeviceTrouble {
  readonly key: 'device.lost' | 'device.late' | 'device.sleeping' | 'device.never'
  readonly sinceMs: number | undefined
  /** The whole tile is hatched: none of its numbers can be current. */
  readonly offline: boolean
}

/** What is wrong with the device of a bed, if anything. */
export function deviceTrouble(device: BedDevice | undefined): DeviceTrouble | undefined {
  if (!device || device.status === 'online') return undefined
  const sinceMs = device.lastSeen === undefined ? undefined : Date.parse(device.lastSeen)
  return { key: `device.${device.status}`, sinceMs, offline: device.status !== 'late' }
}
