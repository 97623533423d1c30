import { type SettingSpec } from '@vigil/contract'
import { commonSettings } from '@vigil/program'

const notifyFile = { env: 'VIGIL_NOTIFY_FILE', kind: 'string', description: 'JSON file with the recipients of alarm notices (webhook, ntfy, SMTP); nobody is told outside the app without it' } as const satisfies SettingSpec

/** What the alarm engine needs; the station that starts it hands its own on. */
export const engineSettings = {
  data: commonSettings.data,
  logLevel: commonSettings.logLevel,
  databaseUrl: commonSettings.databaseUrl,
  mqttUrl: commonSettings.mqttUrl,
  mqttUsername: commonSettings.mqttUsername,
  mqttPassword: commonSettings.mqttPassword,
  mqttCa: commonSettings.mqttCa,
  notifyFile,
} as const satisfies Record<string, SettingSpec>

export const centralSettings = {
  data: commonSettings.data,
  bind: commonSettings.bind,
  logLevel: commonSettings.logLevel,
  databaseUrl: commonSettings.databaseUrl,
  mqttUrl: commonSettings.mqttUrl,
  mqttUsername: commonSettings.mqttUsername,
  mqttPassword: commonSettings.mqttPassword,
  mqttCa: commonSettings.mqttCa,
  tlsCert: commonSettings.tlsCert,
  tlsKey: commonSettings.tlsKey,
  httpPort: { env: 'VIGIL_HTTP_PORT', kind: 'integer', default: 8080, min: 0, max: 65_535, description: 'port of the API, the app and the live WebSocket' },
  notifyFile,
  outboundAllow: { env: 'VIGIL_OUTBOUND_ALLOW', kind: 'string', description: 'hosts, addresses and ranges inside that webhooks and HL7 receivers may be at, separated by commas; only public addresses without it' },
  mqttsPort: { env: 'VIGIL_MQTTS_PORT', kind: 'integer', default: 8883, min: 0, max: 65_535, description: 'port at which boards reach the broker over TLS, told to boards that enrol' },
  deviceMqttUrl: commonSettings.deviceMqttUrl,
  deviceCa: commonSettings.deviceCa,
  adminPassword: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'password of the first administrator, user admin; one is made and printed once when absent' },
  webDist: { env: 'VIGIL_WEB_DIST', kind: 'string', description: 'folder of the built app; the one beside this program when absent' },
} as const satisfies Record<string, SettingSpec>
