import type { Device } from '@vigil/contract/api/devices'
import type { DeviceStatus } from '@vigil/contract/api/schema'

const need: Record<DeviceStatus, number> = { lost: 0, late: 1, sleeping: 2, online: 3, never: 4 }

/** Those that need a look first: silent ones with a patient, then silent ones, then by name. Retired ones last. */
export function inOrderOfNeed(devices: readonly Device[]): Device[] {
  const rank = (device: Device) => (device.retiredAt !== undefined ? 100 : need[device.status] * 2 + (device.stay ? 0 : 1))
  return [...devices].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id, undefined, { numeric: true }))
}
