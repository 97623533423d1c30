import type { SettingSpec, SettingsOf } from '@vigil/contract'
import { commonSettings } from '@vigil/program'

const port = (env: string, fallback: number, description: string) => ({ env, kind: 'integer', min: 1, max: 65_535, default: fallback, description }) as const

/** What `npm start` takes; programs it starts get their share of it through the environment. */
export const startSettings = {
  data: { ...commonSettings.data, description: 'data directory: database, secrets, certificates, journals, logs' },
  bind: commonSettings.bind,
  httpPort: port('VIGIL_HTTP_PORT', 8080, 'HTTP: web app, API, live stream'),
  mqttPort: port('VIGIL_MQTT_PORT', 1883, 'MQTT, on loopback only'),
  mqttsPort: port('VIGIL_MQTTS_PORT', 8883, 'MQTT over TLS'),
  mqttWsPort: port('VIGIL_MQTT_WS_PORT', 9001, 'MQTT over WebSocket'),
  pgPort: port('VIGIL_PG_PORT', 5433, 'embedded PostgreSQL, on loopback only'),
  brokerHealthPort: port('VIGIL_BROKER_HEALTH_PORT', 9101, 'health and metrics of the broker'),
  bridgeHealthPort: port('VIGIL_BRIDGE_HEALTH_PORT', 9102, 'health and metrics of the bridge'),
  mllpPort: { env: 'VIGIL_MLLP_PORT', kind: 'integer', min: 0, max: 65_535, default: 2575, description: 'HL7 v2 over MLLP, for monitors; 0 for none' },
  mllpAllow: { env: 'VIGIL_MLLP_ALLOW', kind: 'string', description: 'addresses that may send HL7 from beyond this machine, separated by commas' },
  mllpClientCa: { env: 'VIGIL_MLLP_CLIENT_CA', kind: 'string', description: 'file with the CA whose certificates HL7 senders must show' },
  mllpAdmit: { env: 'VIGIL_MLLP_ADMIT', kind: 'boolean', default: true, description: 'register HL7 senders that are new; false refuses them' },
  mllpAdt: { env: 'VIGIL_MLLP_ADT', kind: 'string', description: 'HL7 senders (MSH-3) whose ADT comes onto the review list of admissions, separated by commas; * for all' },
  amqpPort: { env: 'VIGIL_AMQP_PORT', kind: 'integer', min: 0, max: 65_535, default: 5672, description: 'AMQP 1.0 for consumers of what was stored; 0 for none' },
  amqpKeys: { env: 'VIGIL_AMQP_KEYS', kind: 'string', description: 'file with the keys these consumers sign with' },
  feedHours: { env: 'VIGIL_FEED_HOURS', kind: 'integer', min: 1, max: 720, default: 24, description: 'hours for which messages are kept for a consumer group that does not come' },
  databaseUrl: { ...commonSettings.databaseUrl, description: 'a PostgreSQL of your own instead of the embedded one, postgres://user:password@host:port/name' },
  mqttUrl: { env: 'VIGIL_MQTT_URL', alsoEnv: 'MQTT_URL', kind: 'string', description: 'a broker of your own instead of the included one, mqtt:// or mqtts://' },
  mqttUsername: commonSettings.mqttUsername,
  mqttPassword: commonSettings.mqttPassword,
  mqttCa: commonSettings.mqttCa,
  tlsCert: commonSettings.tlsCert,
  tlsKey: commonSettings.tlsKey,
  deviceMqttUrl: commonSettings.deviceMqttUrl,
  deviceCa: commonSettings.deviceCa,
  puback: { env: 'VIGIL_PUBACK', kind: 'string', description: 'committed or fast: when boards without receipts are acknowledged' },
  demoBeds: { env: 'VIGIL_DEMO_BEDS', kind: 'integer', min: 0, max: 48, default: 12, description: 'beds of the demo ward; 0 for none' },
  demoAgain: { env: 'VIGIL_DEMO_AGAIN', kind: 'boolean', default: false, description: 'start the demo ward again after it was removed' },
  demoHistoryHours: { env: 'VIGIL_DEMO_HISTORY_HOURS', kind: 'integer', min: 0, max: 168, default: 24, description: 'hours of history the demo ward brings along at its first start' },
  keepWavesOf: { env: 'VIGIL_KEEP_WAVES_OF', kind: 'string', description: 'whose waveforms are stored: devices and wards, e.g. board-1,ward:icu, or * for all; the demo ward\'s when absent' },
  adminPassword: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'password of the first administrator, user admin; without it one is made and printed once' },
  webDist: { env: 'VIGIL_WEB_DIST', kind: 'string', description: 'a web app built elsewhere; without it the included one is built when needed' },
  logLevel: commonSettings.logLevel,
} as const satisfies Record<string, SettingSpec>

export type StartSettings = SettingsOf<typeof startSettings>
