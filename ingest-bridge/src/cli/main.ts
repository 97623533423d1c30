import { readFileSync } from 'node:fs'
import { AppError } from '@vigil/contract'
import { commonSettings, createMetrics, ensureSecrets, runProgram, startHealth } from '@vigil/program'
import { startBridge } from '../start-bridge.ts'

/** Health and figures are plain HTTP without sign-in: for this machine only. */
const LOOPBACK = '127.0.0.1'

await runProgram({
  name: 'bridge',
  purpose: 'takes what devices send from the broker into PostgreSQL, each object exactly once, and sends receipts',
  settings: {
    logLevel: commonSettings.logLevel,
    data: commonSettings.data,
    databaseUrl: commonSettings.databaseUrl,
    mqttUrl: commonSettings.mqttUrl,
    mqttUsername: commonSettings.mqttUsername,
    mqttPassword: commonSettings.mqttPassword,
    mqttCa: commonSettings.mqttCa,
    clientId: { env: 'VIGIL_MQTT_CLIENT_ID', kind: 'string', description: 'fixed client id: a broker with a store of its own keeps what is unacknowledged' },
    group: { env: 'VIGIL_MQTT_GROUP', kind: 'string', description: 'share the devices with other bridges of this group, where the broker knows shared subscriptions' },
    healthPort: { env: 'VIGIL_BRIDGE_HEALTH_PORT', kind: 'integer', min: 0, max: 65_535, default: 9102, description: 'port of /health and /metrics; 0 for any free one' },
  },
  async start({ settings, log }) {
    if (settings.databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'The bridge needs a database: set DATABASE_URL, or --database-url.')
    const metrics = createMetrics('bridge')
    const username = settings.mqttUsername ?? 'bridge'
    const bridge = startBridge({
      databaseUrl: settings.databaseUrl,
      mqtt: {
        url: settings.mqttUrl,
        username,
        password: settings.mqttPassword ?? ensureSecrets(settings.data).services.bridge,
        ca: settings.mqttCa === undefined ? undefined : readFileSync(settings.mqttCa, 'utf8'),
        clientId: settings.clientId,
        group: settings.group,
      },
      log,
      metrics,
    })
    const health = await startHealth({ port: settings.healthPort, bind: LOOPBACK, setting: 'VIGIL_BRIDGE_HEALTH_PORT', metrics, ready: () => bridge.health() })
    // The database may still be away: that is a fact of /health/ready, and the devices keep their data meanwhile.
    await bridge.ready()
    return {
      ready: { mqtt: new URL(settings.mqttUrl).host, health: health.port },
      async stop() {
        await bridge.stop()
        await health.stop()
      },
    }
  },
})
