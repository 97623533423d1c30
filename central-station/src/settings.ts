import { type SettingSpec } from '@vigil/contract'
import { commonSettings } from '@vigil/program'

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
  adminPassword: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'password of the first administrator, user admin; one is made and printed once when absent' },
  webDist: { env: 'VIGIL_WEB_DIST', kind: 'string', description: 'folder of the built app; the one beside this program when absent' },
} as const satisfies Record<string, SettingSpec>
