import { AppError, isName } from '@vigil/contract'

/** A station of becalm: the numbers it has there, and the device it is here. */
export interface BecalmStation {
  readonly patient: number
  readonly device: number
  readonly deviceId: string
}

const ENTRY = /^(\d{1,5}):(\d{1,5})=(.+)$/

/**
 * `2:1=becalm-1,3:2=becalm-2`: patient number, device number, device of ours.
 * @throws AppError SETTINGS_INVALID
 */
export function readStations(text: string): readonly BecalmStation[] {
  const stations = text.split(',').map((entry): BecalmStation => {
    const [, patient, device, deviceId = ''] = ENTRY.exec(entry.trim()) ?? []
    if (!isName(deviceId)) throw new AppError('SETTINGS_INVALID', `VIGIL_BECALM_STATIONS is "patient:device=our device", several with commas between, e.g. 2:1=becalm-1; "${entry}" is not.`)
    return { patient: Number(patient), device: Number(device), deviceId }
  })
  const twice = (pick: (station: BecalmStation) => unknown) => new Set(stations.map(pick)).size !== stations.length
  if (twice(({ patient }) => patient) || twice(({ deviceId }) => deviceId)) throw new AppError('SETTINGS_INVALID', 'VIGIL_BECALM_STATIONS names a patient or a device twice.')
  return stations
}
