import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { AppError } from '@vigil/contract'
import { addressesIn, readNetwork } from '@vigil/program'

/**
 * Which addresses the server may speak to on somebody's word. What a person types into a form must not reach this machine, the
 * ward's own network or a cloud's metadata service, unless the operator listed it (`VIGIL_OUTBOUND_ALLOW`).
 */
export interface AddressGuard {
  /** Resolves a name once; only an allowed address comes back, and that one is connected to. @throws AppError OUTBOUND_ADDRESS */
  resolve(host: string): Promise<{ readonly address: string; readonly family: 4 | 6 }>
}

/** Not the public internet: RFC 6890 and its registry. */
const NOT_PUBLIC = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3', '::/127', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8',
] as const

/** @param allow host names, addresses and ranges (`10.1.0.0/16`) that are meant. @throws AppError SETTINGS_INVALID */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const closed = listOf(NOT_PUBLIC)
  const names = new Set(allow.filter((entry) => !isAddress(entry)).map((name) => name.toLowerCase()))
  const open = listOf(allow.filter(isAddress))

  return {
    async resolve(host) {
      const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
      const found = await addressesOf(bare)
      const named = names.has(bare)
      const allowed = found.find(({ address }) => named || open(address) || !closed(address))
      if (!allowed) throw new AppError('OUTBOUND_ADDRESS', `${host} is an address inside. An operator has to list it in VIGIL_OUTBOUND_ALLOW before anything is sent there.`)
      return allowed
    },
  }
}

function isAddress(entry: string): boolean {
  return isIP(entry.split('/')[0] ?? '') !== 0
}

function listOf(entries: readonly string[]): (address: string) => boolean {
  return addressesIn(entries.map((entry) => {
    const network = readNetwork(entry)
    if (!network) throw new AppError('SETTINGS_INVALID', `VIGIL_OUTBOUND_ALLOW: ${JSON.stringify(entry)} is no host name, address or range.`)
    return network
  }))
}

function addressesOf(host: string): Promise<{ address: string; family: 4 | 6 }[]> {
  const literal = isIP(host)
  if (literal !== 0) return Promise.resolve([{ address: host, family: literal as 4 | 6 }])
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error) reject(new AppError('OUTBOUND_ADDRESS', `${host} is no name anybody knows (${error.code}).`, { cause: error }))
      else resolve(found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })))
    })
  })
}
