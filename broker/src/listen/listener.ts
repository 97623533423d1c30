import type { Duplex } from 'node:stream'
import type { Server } from 'node:net'
import type { Admission } from '../guard/admission.ts'
import type { BrokerLimits } from '../limits.ts'
import type { Refusals } from '../refusals.ts'
import type { Peer } from '../session.ts'

/** What every listener hands to the broker. */
export type Welcome = (connection: Duplex, peer: Peer) => void

export interface ListenOptions {
  readonly port: number
  readonly bind: string
  readonly admission: Admission
  readonly refusals: Refusals
  readonly limits: BrokerLimits
  readonly welcome: Welcome
}

export interface Listener {
  readonly port: number
  stop(): Promise<void>
}

/** Certificate and key, PEM. */
export interface TlsMaterial {
  readonly cert: string
  readonly key: string
}

/** Nobody is asked to speak anything older; TLS 1.2 is what ESP-class boards can do. */
export const TLS_OPTIONS = { minVersion: 'TLSv1.2' } as const

/** Stops listening; open connections are the broker's to end. */
export function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
