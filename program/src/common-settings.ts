import type { SettingSpec } from '@vigil/contract/settings'

/** Settings several programs read, written once. */
export const commonSettings = {
  data: { env: 'VIGIL_DATA', kind: 'string', default: './data', description: 'data directory: secrets, certificates, journals' },
  bind: { env: 'VIGIL_BIND', kind: 'string', default: '127.0.0.1', description: 'address to listen on; beyond loopback only with TLS' },
  logLevel: { env: 'VIGIL_LOG_LEVEL', kind: 'string', default: 'info', description: 'debug, info, warn, error' },
  databaseUrl: { env: 'DATABASE_URL', kind: 'string', secret: true, description: 'PostgreSQL, postgres://user:password@host:port/name' },
  mqttUrl: { env: 'VIGIL_MQTT_URL', alsoEnv: 'MQTT_URL', kind: 'string', default: 'mqtt://127.0.0.1:1883', description: 'MQTT broker, mqtt:// or mqtts://' },
  mqttUsername: { env: 'VIGIL_MQTT_USERNAME', kind: 'string', description: 'user name at the broker; our own broker knows this program without' },
  mqttPassword: { env: 'VIGIL_MQTT_PASSWORD', kind: 'string', secret: true, description: 'password at the broker' },
  mqttCa: { env: 'VIGIL_MQTT_CA', kind: 'string', description: 'file with the CA certificate of the broker' },
  tlsCert: { env: 'VIGIL_TLS_CERT', kind: 'string', description: 'PEM file with the server certificate' },
  tlsKey: { env: 'VIGIL_TLS_KEY', kind: 'string', description: 'PEM file with its private key' },
  deviceMqttUrl: { env: 'VIGIL_DEVICE_MQTT_URL', kind: 'string', description: 'where boards that enrol find the broker, mqtts://host:port; several with commas. Without it: the name they reached this server by' },
  deviceCa: { env: 'VIGIL_DEVICE_CA', kind: 'string', description: 'PEM file with the authority boards trust for MQTT; without it the development CA, or the one in VIGIL_TLS_CERT' },
} as const satisfies Record<string, SettingSpec>
