import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type SettingsOf } from '@vigil/contract'
import { createMetrics, ensureSecrets, type Log, readAllowed, runProgram, type Running, startHealth, systemClock } from '@vigil/program'
import { createVerifierFile } from '../identity/verifier-file.ts'
import { createPgVerifiers } from '../identity/verifiers-pg.ts'
import { type BrokerLimits, defaultLimits } from '../limits.ts'
import type { TlsMaterial } from '../listen/listener.ts'
import { startBroker } from '../start-broker.ts'
import { ensureDevelopmentTls } from '../tls/development-ca.ts'
import { brokerSettings } from './settings.ts'

type Settings = SettingsOf<typeof brokerSettings>

await runProgram({
  name: 'vigil-broker',
  purpose: 'MQTT broker of the ward: who may connect, and who may say and hear what.',
  settings: brokerSettings,
  start: ({ settings, log }) => start(settings, log),
})

async function start(settings: Settings, log: Log): Promise<Running> {
  const { data, bind, databaseUrl, puback } = settings
  if (databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'The broker needs DATABASE_URL: devices are known from the registry in PostgreSQL.')
  if (puback !== 'committed' && puback !== 'fast') throw new AppError('SETTINGS_INVALID', `VIGIL_PUBACK is committed or fast, not "${puback}".`)
  const clock = systemClock
  const { pepper, services } = ensureSecrets(data)
  const tls = await certificate(settings, log)
  const metrics = createMetrics('vigil-broker')
  const file = createVerifierFile({ path: join(data, 'broker', 'verifiers.json'), pepper, log })
  const verifiers = createPgVerifiers({ databaseUrl, file, log, clock, random: Math.random })
  const stops = [() => verifiers.stop()]
  try {
    const ports = { mqtt: settings.mqttPort, mqtts: settings.mqttsPort, ws: settings.mqttWsPort, ...(settings.alinkPort !== undefined && { alink: settings.alinkPort }) }
    const alinkAllowed = readAllowed(settings.alinkAllow, 'VIGIL_ALINK_ALLOW')
    const broker = await startBroker({ ports, bind, tls, verifiers, pepper, services, metrics, log, clock, puback, alinkAllowed, limits: limitsFor(settings) })
    stops.unshift(() => broker.stop())
    const health = await startHealth({ port: settings.healthPort, bind: '127.0.0.1', setting: 'VIGIL_BROKER_HEALTH_PORT', metrics, ready: () => broker.health() })
    stops.unshift(() => health.stop())
    return { ready: { ...broker.ports, health: health.port }, stop: () => stopAll(stops) }
  } catch (error) {
    await stopAll(stops)
    throw error
  }
}

/** A board that stands for many, such as a gateway, is given their rate: bursts and bytes grow with it. */
function limitsFor({ messageRate, exportMib }: Settings): Partial<BrokerLimits> {
  const grown = Math.max(1, messageRate / defaultLimits.messagesPerSecond)
  const phonePacketBytes = exportMib * 1024 * 1024
  const { messagesBurst, bytesPerSecond, bytesBurst, heldMessages, controlPerSecond, controlBurst } = defaultLimits
  return {
    phonePacketBytes,
    phoneBytesInAll: Math.max(defaultLimits.phoneBytesInAll, 4 * phonePacketBytes),
    messagesPerSecond: messageRate,
    messagesBurst: messagesBurst * grown,
    bytesPerSecond: bytesPerSecond * grown,
    bytesBurst: bytesBurst * grown,
    heldMessages: heldMessages * grown,
    controlPerSecond: controlPerSecond * grown,
    controlBurst: controlBurst * grown,
  }
}

async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops) await stop()
}

/** The operator's certificate, or one from this installation's own authority. */
async function certificate({ tlsCert, tlsKey, data }: Settings, log: Log): Promise<TlsMaterial> {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: readPem(tlsCert, 'VIGIL_TLS_CERT'), key: readPem(tlsKey, 'VIGIL_TLS_KEY') }
  if (tlsCert !== undefined || tlsKey !== undefined) throw new AppError('SETTINGS_INVALID', 'VIGIL_TLS_CERT and VIGIL_TLS_KEY belong together: set both or neither.')
  const tls = await ensureDevelopmentTls(join(data, 'tls'), systemClock)
  log.info({ caPath: tls.caPath, sha256: tls.fingerprint }, 'broker.development_ca')
  return tls
}

function readPem(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AppError('SETTINGS_INVALID', `Cannot read the file of ${setting}, ${path}.`, { cause: error })
  }
}
