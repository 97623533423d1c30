import type { Device } from '@vigil/contract/api/devices'

export interface FirmwareDrift {
  /** `others`: nobody decided what it should run, and others of its model run something newer. */
  readonly word: 'none' | 'same' | 'differs' | 'silent' | 'others'
  /** It does not run what was decided. */
  readonly off: boolean
  readonly version: string
}

/** What a device runs beside what its model should run: words, not a colour. */
export function firmwareDrift({ firmware, firmwareDesired: desired, othersRun }: Pick<Device, 'firmware' | 'firmwareDesired' | 'othersRun'>): FirmwareDrift {
  if (desired === undefined) return othersRun === undefined ? { word: 'none', off: false, version: '' } : { word: 'others', off: false, version: othersRun }
  if (firmware === undefined) return { word: 'silent', off: true, version: desired }
  return { word: firmware === desired ? 'same' : 'differs', off: firmware !== desired, version: desired }
}
