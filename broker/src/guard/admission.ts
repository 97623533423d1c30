import type { Socket } from 'node:net'
import type { Clock } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import type { Refusals } from '../refusals.ts'
import { createConnectRate } from './connect-rate.ts'
import { networkOf, plainAddress } from './network.ts'

export interface Admission {
  /** Lets a new connection in, or closes it. */
  admit(socket: Socket): boolean
  /** The connection has signed in: it no longer counts among the strangers. */
  signedIn(ends: Ends): void
  readonly unsigned: () => number
  /** Ends every connection there is. */
  closeAll(): void
}

/** What names a connection; the socket under TLS and the one above it have the same. */
export interface Ends {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localPort?: number | undefined
}

interface Stranger {
  readonly socket: Socket
  readonly address: string
}

/**
 * Who may hold a connection open without having said who they are. When there are too many, the oldest goes, not the newcomer:
 * an attacker who opens thousands only closes their own, and a nurse's board still gets in.
 */
export function createAdmission({ limits, refusals, clock }: { limits: BrokerLimits; refusals: Refusals; clock: Clock }): Admission {
  const strangers = new Map<string, Stranger>()
  const perAddress = new Map<string, Set<string>>()
  const mayConnect = createConnectRate(clock, limits)
  const open = new Set<Socket>()

  const forget = (key: string) => {
    const stranger = strangers.get(key)
    if (!stranger) return
    strangers.delete(key)
    const mates = perAddress.get(stranger.address)
    mates?.delete(key)
    if (mates?.size === 0) perAddress.delete(stranger.address)
  }
  const evictOldest = (keys: Iterable<string>) => {
    const [oldest = ''] = keys
    const stranger = strangers.get(oldest)
    forget(oldest)
    if (!stranger) return
    refusals.note('unsigned_connections', { address: stranger.address })
    stranger.socket.destroy()
  }
  const turnAway = (socket: Socket, reason: 'connections' | 'connect_rate', address: string) => {
    refusals.note(reason, { address })
    socket.destroy()
    return false
  }

  return {
    admit(socket) {
      const address = networkOf(socket.remoteAddress)
      if (!mayConnect(address)) return turnAway(socket, 'connect_rate', address)
      if (open.size >= limits.connections) return turnAway(socket, 'connections', address)
      const key = keyOf(socket)
      const mates = perAddress.get(address) ?? new Set<string>()
      if (mates.size >= limits.unsignedPerAddress) evictOldest(mates)
      else if (strangers.size >= limits.unsignedInAll) evictOldest(strangers.keys())
      perAddress.set(address, mates.add(key))
      strangers.set(key, { socket, address })
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        forget(key)
      })
      return true
    },
    signedIn: (ends) => forget(keyOf(ends)),
    unsigned: () => strangers.size,
    closeAll() {
      for (const socket of open) socket.destroy()
    },
  }
}

function keyOf({ remoteAddress = '', remotePort = 0, localPort = 0 }: Ends): string {
  return `${plainAddress(remoteAddress)} ${remotePort} ${localPort}`
}
