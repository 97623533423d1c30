import type { Device } from '@vigil/contract/api/devices'

export type SilentCause = 'never' | 'revoked' | 'retired' | 'lost' | 'off' | 'sleeping' | 'late' | 'unlinked'

type Known = Pick<Device, 'status' | 'retiredAt' | 'stay' | 'lastSeen' | 'notices'> & { readonly credentials?: { readonly revokedAt?: string | undefined } }

/**
 * Why a device is silent, from what is known of it: the most telling cause first. Undefined while it is heard. A clean goodbye
 * and a broken connection look alike from here once both say `lost`; a device without a valid secret cannot come back by itself.
 */
export function silentCause(device: Known, status: Device['status']): SilentCause | undefined {
  if (device.retiredAt !== undefined) return 'retired'
  if (device.credentials?.revokedAt !== undefined) return 'revoked'
  if (status === 'never' || device.lastSeen === null) return 'never'
  if (status === 'online') return device.stay ? undefined : 'unlinked'
  return status === 'sleeping' || status === 'late' ? status : 'lost'
}
