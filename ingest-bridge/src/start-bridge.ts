import { randomBytes } from 'node:crypto'
import type { Clock } from '@vigil/contract'
import { createMetrics, silentLog, systemClock, type Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import { type Bridge, startBridgeWith } from './bridge.ts'
import { openHl7Door } from './open-hl7-door.ts'
import type { RetentionDays } from './closing/retention.ts'
import type { AmqpAddress } from './sources/amqp-address.ts'
import { AmqpBesideMqtt } from './sources/amqp-beside-mqtt.ts'
import { AmqpSource } from './sources/amqp-source.ts'
import { DoorSource } from './sources/door-source.ts'
import type { MllpListener } from './sources/mllp-source.ts'
import { dataChannels, MqttSource } from './sources/mqtt-source.ts'
import { createConnection } from './store/connection.ts'
import { explain } from './store/refusal.ts'
import { type KeptWaves, waveFilters } from './waves/kept-devices.ts'

export interface MqttSide {
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

export interface BridgeOptions {
  /** `postgres://user:password@host:port/name`, migrated. */
  readonly databaseUrl: string
  readonly mqtt: MqttSide
  /** Takes the data from this queue instead of from the broker; receipts and live values still go to the broker. */
  readonly amqp?: AmqpAddress | undefined
  readonly clock?: Clock
  readonly random?: () => number
  readonly log?: Log
  readonly metrics?: Registry
  /** Listens for monitors that send HL7 v2 over MLLP. */
  readonly hl7?: MllpListener | undefined
  /** Most objects and bytes waiting for the database. */
  readonly limits?: { readonly objects: number; readonly bytes: number }
  /** Told after each COMMIT. */
  readonly onCommitted?: () => void
  /** Age at which samples are closed into segments; never without it. */
  readonly closeAfterMs?: number | undefined
  /** How long each class of data is kept; for ever without it. */
  readonly keepDays?: RetentionDays | undefined
  /** Whose waveforms are stored; nobody's without it. Straight from the broker, also beside a queue. */
  readonly keepWaves?: KeptWaves | undefined
}

/** A bridge and where monitors reach it. */
export interface StartedBridge extends Bridge {
  /** Port of the HL7 listener once it is open. */
  hl7Port(): number | undefined
}

/** Starts the durable lane between a broker or a queue and a database; each may still be away. `ready` resolves once data can flow. */
export function startBridge(options: BridgeOptions): StartedBridge {
  const { databaseUrl, amqp, hl7, limits, onCommitted, closeAfterMs, keepDays, keepWaves, clock = systemClock, random = Math.random, log = silentLog, metrics = createMetrics('bridge') } = options
  const { clientId, ...mqtt } = options.mqtt
  const bridgeId = `bridge-${randomBytes(6).toString('hex')}`
  const ports = { clock, random, log }
  // Birth messages come straight from the broker in either case: they are questions, and no data.
  const channels = [...(amqp ? [] : dataChannels), ...waveFilters(keepWaves)]
  const broker = new MqttSource({ ...mqtt, ...ports, clientId: clientId ?? bridgeId, persistent: clientId !== undefined, data: channels })
  const source = amqp ? new AmqpBesideMqtt(new AmqpSource({ ...amqp, ...ports, containerId: bridgeId }), broker) : broker
  const door = hl7 && openHl7Door({ ...hl7, ...ports, databaseUrl, metrics })
  const inbox = new DoorSource({ database: createConnection({ url: databaseUrl, name: 'vigil-bridge-doors' }), clock, onFailure: (error) => log.debug({ why: explain(error) }, 'doors.not_read') })
  const bridge = startBridgeWith({ ...ports, databaseUrl, source, doors: door ? [door, inbox] : [inbox], bridgeId, metrics, closeAfterMs, keepDays, keepWaves, ...(limits && { limits }), ...(onCommitted && { onCommitted }) })
  return { ...bridge, hl7Port: () => door?.port }
}
