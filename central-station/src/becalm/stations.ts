import { AppError, isName } from '@vigil/contract'
import { addressesIn, readNetwork } from '../address-list.ts'

/** A station of becalm: the numbers it has there, and the device it is here. */
export interface BecalmStation {
  readonly patient: number
  readonly device: number
  readonly deviceId: string
}

/** A wider one would let in half the world. */
const LARGEST_NETWORK = 8
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

/**
 * Addresses and networks that may call, e.g. `192.168.7.20,10.1.0.0/16`.
 * @throws AppError SETTINGS_INVALID
 */
export function readAllowed(text: string): (address: string) => boolean {
  const networks = text.split(',').map((part) => {
    const entry = part.trim()
    const network = readNetwork(entry)
    if (!network || network.prefix < LARGEST_NETWORK) throw new AppError('SETTINGS_INVALID', `VIGIL_BECALM_ALLOW holds addresses or networks of /8 and smaller, e.g. 192.168.7.20,10.1.0.0/16; "${entry}" is none.`)
    return network
  })
  return addressesIn(networks)
}
