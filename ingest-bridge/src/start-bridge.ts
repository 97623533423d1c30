import { randomBytes } from 'node:crypto'
import { type Clock } from '@vigil/contract'
import { createMetrics, silentLog, systemClock, type Log } from '@vigil/program'
import { type Registry } from 'prom-client'
import { type Bridge, startBridgeWith } from './bridge.ts'
import { MqttSource } from './sources/mqtt-source.ts'

export interface BridgeOptions {
  /** `postgres://user:password@host:port/name`, migrated. */
  readonly databaseUrl: string
  readonly mqtt: {
    /** `mqtt://` or `mqtts://`. */
    readonly url: string
    readonly username: string
    readonly password: string
    /** PEM of the broker's CA. */
    readonly ca?: string | undefined
    /** Fixed client id: the broker's own store then keeps what is unacknowledged. Without it the session is clean. */
    readonly clientId?: string | undefined
    /** Group of a shared subscription. */
    readonly group?: string | undefined
  }
  readonly clock?: Clock
  readonly random?: () => number
  readonly log?: Log
  readonly metrics?: Registry
  /** Most objects and bytes waiting for the database. */
  readonly limits?: { readonly objects: number; readonly bytes: number }
}

/** Starts the durable lane between a broker and a database; either may still be away. `ready` resolves once it is subscribed. */
export function startBridge(options: BridgeOptions): Bridge {
  const { clock = systemClock, random = Math.random, log = silentLog, metrics = createMetrics('bridge') } = options
  const { clientId, ...mqtt } = options.mqtt
  const bridgeId = `bridge-${randomBytes(6).toString('hex')}`
  const source = new MqttSource({ ...mqtt, clientId: clientId ?? bridgeId, persistent: clientId !== undefined, clock, random, log })
  return startBridgeWith({ databaseUrl: options.databaseUrl, source, bridgeId, clock, random, log, metrics, ...(options.limits && { limits: options.limits }) })
}
