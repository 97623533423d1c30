import { commonSettings, createMetrics, ensureSecrets, runProgram, startHealth } from '@vigil/program'
import { startBridge } from '../start-bridge.ts'
import { startForward } from '../start-forward.ts'
import { cloudSettings } from './cloud.ts'
import { hl7Listener, hl7Settings } from './hl7-door.ts'
import { openSubscription, subscriptionSettings } from './subscription.ts'
import { readKeptWaves } from '../waves/kept-devices.ts'
import { chooseWay, readCa } from './way.ts'

/** Health and figures are plain HTTP without sign-in: for this machine only. */
const LOOPBACK = '127.0.0.1'
const MINUTE_MS = 60_000

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
    mode: { env: 'VIGIL_BRIDGE_MODE', kind: 'string', default: 'mqtt', description: 'mqtt: broker to database; forward: broker to an AMQP 1.0 queue; amqp: that queue to database; cloud: Alibaba Cloud IoT to database' },
    amqpUrl: { env: 'VIGIL_AMQP_URL', alsoEnv: 'AMQP_URL', kind: 'string', secret: true, description: 'AMQP 1.0 peer, amqp://user:password@host:port or amqps://' },
    amqpQueue: { env: 'VIGIL_AMQP_QUEUE', kind: 'string', description: 'address of the queue as the peer writes it: /amq/queue/vitals (RabbitMQ 3), /queues/vitals (RabbitMQ 4), vitals (Artemis, Azure)' },
    amqpCa: { env: 'VIGIL_AMQP_CA', kind: 'string', description: 'file with the CA certificate of the AMQP peer' },
    ...hl7Settings,
    ...subscriptionSettings,
    closeAfterMinutes: { env: 'VIGIL_CLOSE_AFTER_MINUTES', kind: 'integer', min: 0, max: 100_000, default: 30, description: 'age at which samples are packed into hour segments, a tenth of the disk; 0 for never' },
    ...cloudSettings,
    keepSamples: { env: 'VIGIL_KEEP_SAMPLES_DAYS', kind: 'integer', min: 0, max: 100_000, default: 0, description: 'days samples are kept; 0 for ever' },
    keepWavesOf: { env: 'VIGIL_KEEP_WAVES_OF', kind: 'string', description: 'whose waveforms are stored: devices and wards, e.g. board-1,ward:icu, or * for all; nobody\'s when absent' },
    keepWaves: { env: 'VIGIL_KEEP_WAVES_DAYS', kind: 'integer', min: 0, max: 100_000, default: 3, description: 'days waveforms are kept; 0 for ever' },
    keepMinutes: { env: 'VIGIL_KEEP_MINUTES_DAYS', kind: 'integer', min: 0, max: 100_000, default: 0, description: 'days roll-ups of a minute are kept; 0 for ever' },
    keepEvents: { env: 'VIGIL_KEEP_EVENTS_DAYS', kind: 'integer', min: 0, max: 100_000, default: 0, description: 'days events of devices are kept; 0 for ever' },
    keepDeadLetters: { env: 'VIGIL_KEEP_DEAD_LETTERS_DAYS', kind: 'integer', min: 0, max: 100_000, default: 90, description: 'days dead letters are kept; 0 for ever' },
    keepHl7: { env: 'VIGIL_KEEP_RAW_DAYS', kind: 'integer', min: 0, max: 100_000, default: 7, description: 'days HL7 messages are kept as they came; 0 for ever' },
    healthPort: { env: 'VIGIL_BRIDGE_HEALTH_PORT', kind: 'integer', min: 0, max: 65_535, default: 9102, description: 'port of /health and /metrics; 0 for any free one' },
  },
  async start({ settings, log }) {
    const metrics = createMetrics('bridge')
    const mqtt = {
      url: settings.mqttUrl,
      username: settings.mqttUsername ?? 'bridge',
      password: settings.mqttPassword ?? ensureSecrets(settings.data).services.bridge,
      ca: readCa(settings.mqttCa),
      clientId: settings.clientId,
      group: settings.group,
    }
    const way = chooseWay(settings)
    const subscription = way.mode === 'forward' ? undefined : await openSubscription({ ...settings, databaseUrl: way.databaseUrl }, log, metrics)
    const onCommitted = () => subscription?.hint()
    const storage = {
      closeAfterMs: closeAfterMs(settings.closeAfterMinutes),
      keepWaves: readKeptWaves(settings.keepWavesOf),
      keepDays: { samples: settings.keepSamples, waves: settings.keepWaves, minutes: settings.keepMinutes, events: settings.keepEvents, deadLetters: settings.keepDeadLetters, hl7Messages: settings.keepHl7, proposals: settings.keepHl7 },
    }
    const bridge = way.mode === 'forward' ? { ...startForward({ mqtt, amqp: way.amqp, log, metrics }), hl7Port: () => undefined } : startBridge({ databaseUrl: way.databaseUrl, mqtt, amqp: way.amqp, hl7: hl7Listener(settings), log, metrics, onCommitted, ...storage })
    const ready = () => [...bridge.health(), ...(subscription ? [subscription.health()] : [])]
    const health = await startHealth({ port: settings.healthPort, bind: LOOPBACK, setting: 'VIGIL_BRIDGE_HEALTH_PORT', metrics, ready })
    // The database may still be away: that is a fact of /health/ready, and the devices keep their data meanwhile.
    await bridge.ready()
    return {
      ready: { mode: way.mode, mqtt: new URL(settings.mqttUrl).host, health: health.port, hl7: bridge.hl7Port(), amqp: subscription?.port() },
      async stop() {
        await Promise.all([bridge.stop(), subscription?.stop()])
        await health.stop()
      },
    }
  },
})

function closeAfterMs(minutes: number): number | undefined {
  return minutes === 0 ? undefined : minutes * MINUTE_MS
}
