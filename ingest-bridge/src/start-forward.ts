import { randomBytes } from 'node:crypto'
import type { Clock } from '@vigil/contract'
import { createMetrics, silentLog, systemClock, type Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import { type Forward, startForwardWith } from './forward.ts'
import type { AmqpAddress } from './sources/amqp-address.ts'
import { MqttSource } from './sources/mqtt-source.ts'
import type { MqttSide } from './start-bridge.ts'

export interface ForwardOptions {
  readonly mqtt: MqttSide
  readonly amqp: AmqpAddress
  readonly clock?: Clock
  readonly random?: () => number
  readonly log?: Log
  readonly metrics?: Registry
  /** Most messages and bytes waiting for the queue. */
  readonly limits?: { readonly objects: number; readonly bytes: number }
}

/** Starts the way from a broker into an AMQP queue; either may still be away. `ready` resolves once data can flow. */
export function startForward(options: ForwardOptions): Forward {
  const { amqp, limits, clock = systemClock, random = Math.random, log = silentLog, metrics = createMetrics('bridge') } = options
  const { clientId, ...mqtt } = options.mqtt
  const bridgeId = `forward-${randomBytes(6).toString('hex')}`
  const ports = { clock, random, log }
  const source = new MqttSource({ ...mqtt, ...ports, clientId: clientId ?? bridgeId, persistent: clientId !== undefined, births: false, strict: true })
  return startForwardWith({ ...ports, source, amqp, bridgeId, metrics, ...(limits && { limits }) })
}
