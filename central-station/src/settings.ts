import type { SettingSpec } from '@vigil/contract'
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
  haMqttUrl: { env: 'VIGIL_HA_MQTT_URL', kind: 'string', secret: true, description: "Home Assistant's own MQTT broker, mqtt://user:password@host:1883; nothing is told to it without" },
  haDevices: { env: 'VIGIL_HA_DEVICES', kind: 'string', description: 'devices Home Assistant may see, separated by commas' },
  ihpApi: { env: 'VIGIL_IHP_API', kind: 'boolean', default: false, description: 'opens /documents, /analytics, /register and /recording as the HL7 receiver for IHP has them, with sign-in' },
  outboundAllow: { env: 'VIGIL_OUTBOUND_ALLOW', kind: 'string', description: 'hosts, addresses and ranges inside that webhooks and HL7 receivers may be at, separated by commas; only public addresses without it' },
  mqttsPort: { env: 'VIGIL_MQTTS_PORT', kind: 'integer', default: 8883, min: 0, max: 65_535, description: 'port at which boards reach the broker over TLS, told to boards that enrol' },
  deviceMqttUrl: commonSettings.deviceMqttUrl,
  deviceCa: commonSettings.deviceCa,
  adminPassword: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'password of the first administrator, user admin; one is made and printed once when absent' },
  becalmPort: { env: 'VIGIL_BECALM_PORT', kind: 'integer', min: 0, max: 65_535, description: "port of becalm's REST interface for its stations, 4000 there; closed without it" },
  becalmStations: { env: 'VIGIL_BECALM_STATIONS', kind: 'string', description: 'stations of becalm: patient:device=our device, with commas between, e.g. 2:1=becalm-1' },
  becalmAllow: { env: 'VIGIL_BECALM_ALLOW', kind: 'string', default: '127.0.0.1,::1', description: 'addresses and networks that may call there: it knows no sign-in and no TLS' },
  becalmOrigin: { env: 'VIGIL_BECALM_ORIGIN', kind: 'string', description: "address of becalm's own front end, whose pages may read there, e.g. http://front:3000" },
  webDist: { env: 'VIGIL_WEB_DIST', kind: 'string', description: 'folder of the built app; the one beside this program when absent' },
} as const satisfies Record<string, SettingSpec>
