import { BlockList, isIP } from 'node:net'
import { AppError } from '@vigil/contract/errors'

export interface Network {
  readonly address: string
  /** Leading bits that count: all of them for one address. */
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** `192.168.7.20` or `10.1.0.0/16`; nothing for what is neither. */
export function readNetwork(entry: string): Network | undefined {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d+))?$/.exec(entry) ?? []
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits)
  return version === 0 || prefix > most ? undefined : { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' }
}

/** Whether an address lies in one of these. An IPv4 address in IPv6 clothes is the IPv4 address. */
export function addressesIn(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  }
}

/** A wider one would let in half the world. */
const LARGEST_NETWORK = 8

/**
 * Addresses and networks that may call, e.g. `192.168.7.20,10.1.0.0/16`.
 * @throws AppError SETTINGS_INVALID
 */
export function readAllowed(text: string, setting: string): (address: string) => boolean {
  const networks = text.split(',').map((part) => {
    const entry = part.trim()
    const network = readNetwork(entry)
    if (!network || network.prefix < LARGEST_NETWORK) throw new AppError('SETTINGS_INVALID', `${setting} holds addresses or networks of /8 and smaller, e.g. 192.168.7.20,10.1.0.0/16; "${entry}" is none.`)
    return network
  })
  return addressesIn(networks)
}
