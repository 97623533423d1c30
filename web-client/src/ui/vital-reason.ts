import type { Bed } from '@vigil/contract/api/patients'

/**
 * Why a bed shows nothing for a signal it never had in this stay. A device that names its signals has them all in
 * `freshness`; what is not there it cannot measure. Without a device the place around says so once: empty text.
 */
export function vitalReason(t: (key: string) => string, bed: Bed | undefined, signal: string): string | undefined {
  if (!bed?.device) return ''
  const offered = Object.keys(bed.freshness)
  return offered.length > 0 && !offered.includes(signal) ? t('device.notFitted') : undefined
}
