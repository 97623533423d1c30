import { join } from 'node:path'
import { HEALTH_FILTER } from '@vigil/contract'
import { Counter } from 'prom-client'
import { createHealthImportStore } from '../health-data/health-store-pg.ts'
import { createHealthImports, type HealthImports } from '../health-data/health-imports.ts'
import { createHealthReadings, type HealthReadings } from '../health-data/health-readings.ts'
import { createHealthReadingStore } from '../health-data/health-reading-store-pg.ts'
import type { Audit } from '../audit/audit.ts'
import { ownId } from '../files/own-id.ts'
import { createHealthByMqtt } from '../health-data/health-by-mqtt.ts'
import type { BrokerLink } from '../live/broker-link.ts'
import { connectMqtt } from '../live/mqtt-link.ts'
import type { Foundation } from './foundation.ts'
import type { MqttOptions } from './live.ts'

export interface HealthDataParts {
  readonly healthImports: HealthImports
  readonly healthReadings: HealthReadings
}

/** What phones and watches tell, beside the bedside. */
export function assembleHealthData({ database, metrics, clock }: Foundation, audit: Audit): HealthDataParts {
  const rows = new Counter({ name: 'vigil_health_rows_total', help: 'Rows of imported health data, by what became of them', labelNames: ['outcome'], registers: [metrics] })
  return {
    healthImports: createHealthImports({ store: createHealthImportStore(database), audit, clock, count: (outcome, n) => rows.inc({ outcome }, n) }),
    healthReadings: createHealthReadings({ store: createHealthReadingStore(database), clock }),
  }
}

/** Exports by MQTT come over a connection of their own: a few megabytes must not stand before what the bedside says. */
export async function assembleHealthByMqtt({ folder, secrets, clock, log }: Foundation, imports: HealthImports, mqtt: MqttOptions): Promise<BrokerLink> {
  const receive = createHealthByMqtt({ imports, publish: (...said) => link.publish(...said), clock, log })
  const link = connectMqtt({
    url: mqtt.mqttUrl,
    clientId: `central-health-${await ownId(join(folder, 'station-id'))}`,
    username: mqtt.mqttUsername ?? 'central',
    password: mqtt.mqttPassword ?? secrets.services.central,
    ca: mqtt.mqttCa,
    filters: [HEALTH_FILTER],
    clock,
    random: Math.random,
    log,
    onMessage: receive,
  })
  return link
}
