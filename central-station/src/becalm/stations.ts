import { BlockList, isIP } from 'node:net'
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

/**
 * Addresses and networks that may call, e.g. `192.168.7.20,10.1.0.0/16`.
 * @throws AppError SETTINGS_INVALID
 */
export function readAllowed(text: string): (address: string) => boolean {
  const list = new BlockList()
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const most = family === 'ipv6' ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 8 || prefix > most) throw new AppError('SETTINGS_INVALID', `VIGIL_BECALM_ALLOW holds addresses or networks of /8 and smaller, e.g. 192.168.7.20,10.1.0.0/16; "${entry}" is none.`)
    list.addSubnet(address, prefix, family)
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  }
}
