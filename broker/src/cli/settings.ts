import { commonSettings } from '@vigil/program'
import type { SettingSpec } from '@vigil/contract'

const { data, bind, logLevel, databaseUrl, tlsCert, tlsKey } = commonSettings

export const brokerSettings = {
  data,
  bind,
  logLevel,
  databaseUrl,
  tlsCert,
  tlsKey,
  mqttPort: { env: 'VIGIL_MQTT_PORT', kind: 'integer', min: 0, max: 65_535, default: 1883, description: 'MQTT over TCP, on loopback only' },
  mqttsPort: { env: 'VIGIL_MQTTS_PORT', kind: 'integer', min: 0, max: 65_535, default: 8883, description: 'MQTT over TLS' },
  mqttWsPort: { env: 'VIGIL_MQTT_WS_PORT', kind: 'integer', min: 0, max: 65_535, default: 9001, description: 'MQTT over WebSocket; over TLS when VIGIL_BIND is beyond loopback' },
  alinkPort: { env: 'VIGIL_ALINK_PORT', kind: 'integer', min: 0, max: 65_535, description: 'door without TLS for devices made for Alibaba Cloud, e.g. 1884; closed unless set' },
  alinkAllow: { env: 'VIGIL_ALINK_ALLOW', kind: 'string', default: '127.0.0.1,::1', description: 'addresses and networks that may call there' },
  healthPort: { env: 'VIGIL_BROKER_HEALTH_PORT', kind: 'integer', min: 0, max: 65_535, default: 9101, description: '/health and /metrics, on loopback only' },
  messageRate: { env: 'VIGIL_MQTT_MESSAGE_RATE', kind: 'integer', min: 1, max: 1_000_000, default: 500, description: 'messages a second from one board; what is faster is answered later' },
  exportMib: { env: 'VIGIL_MQTT_EXPORT_MIB', kind: 'integer', min: 1, max: 12, default: 8, description: 'MiB that one export of a phone may have by MQTT; larger ones go by HTTP' },
  puback: { env: 'VIGIL_PUBACK', kind: 'string', default: 'committed', description: 'committed: boards without receipts are acknowledged once the data is in PostgreSQL; fast: at once' },
} as const satisfies Record<string, SettingSpec>
