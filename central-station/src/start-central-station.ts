import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '@vigil/contract'
import { createMetrics, ensureSecrets, ensureSigningKey, pause, type Log } from '@vigil/program'
import type { EnginePlace } from './alarms/place/engine-host.ts'
import { insideStation, ownProcess } from './alarms/place/engine-place.ts'
import { socketPath } from './alarms/place/socket-channel.ts'
import { assemble } from './assemble/assemble.ts'
import { Dues } from './audit/due.ts'
import { dueRider } from './audit/due-pg.ts'
import { openDatabase } from './db/database-pool.ts'
import type { Database } from './db/database.ts'
import { createBoardAddress } from './enrolment/board-address.ts'
import { openCacheFile, type CacheFile } from './files/cache-file.ts'
import { ownId } from './files/own-id.ts'
import { createApp } from './http/app.ts'
import { takePort } from './listener.ts'
import type { FirstAdministrator } from './people/first-administrator.ts'

export interface CentralStationOptions {
  /** Data directory; ours is `central/` below it. */
  readonly data: string
  readonly databaseUrl: string
  readonly mqttUrl: string
  /** At a broker that does not know this program by its service secret. */
  readonly mqttUsername?: string | undefined
  readonly mqttPassword?: string | undefined
  readonly mqttCa?: string | undefined
  readonly bind: string
  /** 0 for any free one. */
  readonly httpPort: number
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  /** Where boards find the broker; see `BoardAddressOptions`. */
  readonly mqttsPort?: number
  readonly deviceMqttUrl?: string | undefined
  readonly deviceCa?: string | undefined
  readonly webDist?: string | undefined
  readonly adminPassword?: string | undefined
  readonly notifyFile?: string | undefined
  /** Host names, addresses and ranges inside that webhooks and HL7 receivers may be at. */
  readonly outboundAllow?: string | undefined
  /** Home Assistant's broker, and the names of the devices it may see, separated by commas. */
  readonly haMqttUrl?: string | undefined
  readonly haDevices?: string | undefined
  /** Opens the interface of the HL7 receiver for IHP. */
  readonly ihpApi?: boolean | undefined
  /** The door for stations of becalm; closed without its port. */
  readonly becalmPort?: number | undefined
  readonly becalmStations?: string | undefined
  readonly becalmAllow?: string | undefined
  readonly becalmOrigin?: string | undefined
  /** How the alarm engine runs: a process of its own with this environment, or inside this one. */
  readonly alarmEngine: 'inside' | { readonly env: Readonly<Record<string, string | undefined>> }
  readonly clock: Clock
  readonly log: Log
}

export interface CentralStation {
  /** Where the app and the API are. */
  readonly http: string
  readonly becalmPort: number | undefined
  readonly admin: FirstAdministrator
  stop(): Promise<void>
}

/** With a cache of the last run, a database that does not answer by then is not waited for. */
const PATIENCE_MS = 3_000
const LOOK_EVERY_MS = 100
const SAY_EVERY_MS = 5_000

/**
 * Takes the port, waits for PostgreSQL unless an earlier run left what is needed without it, and serves.
 * @throws AppError UNSAFE_BIND, PORT_TAKEN, SETTINGS_INVALID, START_FAILED
 */
export async function startCentralStation(options: CentralStationOptions): Promise<CentralStation> {
  const { data, mqttsPort = 8883, clock, log } = options
  const boards = createBoardAddress({ ...options, mqttsPort })
  const listener = await takePort({ bind: options.bind, port: options.httpPort, tlsCert: options.tlsCert, tlsKey: options.tlsKey })
  const closers: (() => Promise<void>)[] = [() => listener.close()]
  const stop = async () => {
    // One part that cannot be closed must not keep the others open.
    for (const close of closers.toReversed()) await close().catch((err: unknown) => log.error({ err }, 'station.part_not_closed'))
  }
  try {
    const folder = join(data, 'central')
    const cache = await openCacheFile({ path: join(folder, 'cache.json'), clock, log })
    closers.push(() => cache.stop())
    const dues = new Dues(await ownId(join(folder, 'station-id')))
    const database = openDatabase({ url: options.databaseUrl, rider: dueRider(dues), clock, log })
    closers.push(() => database.stop())
    await waitForDatabase(database, cache, clock, log)
    const station = await assemble({
      folder,
      secrets: ensureSecrets(data),
      signingKey: ensureSigningKey(data),
      boards,
      database,
      dues,
      databaseUrl: options.databaseUrl,
      cache,
      mqtt: options,
      notifyFile: options.notifyFile,
      ihpApi: options.ihpApi ?? false,
      outboundAllow: listed(options.outboundAllow),
      homeAssistant: options.haMqttUrl === undefined ? undefined : { url: options.haMqttUrl, devices: listed(options.haDevices) },
      becalm: options,
      enginePlace: enginePlace(options, folder),
      adminPassword: options.adminPassword,
      metrics: createMetrics('central-station'),
      clock,
      log,
    })
    closers.push(() => station.stop())
    const dist = options.webDist ?? fileURLToPath(new URL('../../web-client/dist', import.meta.url))
    const app = await createApp({ services: station.services, tls: listener.tls, dist, clock, log, serverFactory: listener.serverFactory })
    closers.push(() => app.close())
    await app.ready()
    listener.open()
    return { http: listener.url, becalmPort: station.becalmPort, admin: station.admin, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function listed(text = ''): string[] {
  return text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function enginePlace(options: CentralStationOptions, folder: string): EnginePlace {
  const { data, databaseUrl, mqttUrl, mqttUsername, mqttPassword, mqttCa, notifyFile, alarmEngine, clock, log } = options
  if (alarmEngine === 'inside') return insideStation({ folder, databaseUrl, mqttUrl, mqttUsername, mqttPassword, mqttCa, notifyFile, secrets: ensureSecrets(data), pid: process.pid, clock, log })
  const env = { ...alarmEngine.env, VIGIL_DATA: data, DATABASE_URL: databaseUrl, VIGIL_MQTT_URL: mqttUrl, VIGIL_MQTT_USERNAME: mqttUsername, VIGIL_MQTT_PASSWORD: mqttPassword, VIGIL_MQTT_CA: mqttCa, VIGIL_NOTIFY_FILE: notifyFile }
  return ownProcess({ entry: fileURLToPath(new URL('cli/alarm-engine.ts', import.meta.url)), env, socket: socketPath(folder), clock, log })
}

async function waitForDatabase(database: Database, cache: CacheFile, clock: Clock, log: Log): Promise<void> {
  const startedAt = clock.monotonic()
  const canGoWithout = cache.read('world') !== undefined
  let saidAt = -Infinity
  while (database.health.state() === 'away') {
    const waited = clock.monotonic() - startedAt
    if (canGoWithout && waited >= PATIENCE_MS) {
      log.warn('station.starts_without_database')
      return
    }
    if (waited - saidAt >= SAY_EVERY_MS && waited > LOOK_EVERY_MS * 5) {
      saidAt = waited
      log.warn({ waitedMs: Math.round(waited) }, 'station.waits_for_database')
    }
    await pause(clock, LOOK_EVERY_MS)
  }
}
