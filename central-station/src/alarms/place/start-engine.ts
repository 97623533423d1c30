import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import type { Log, Secrets } from '@vigil/program'
import { Dues } from '../../audit/due.ts'
import { dueRider } from '../../audit/due-pg.ts'
import { listenForChanges } from '../../db/change-listener.ts'
import { openDatabase } from '../../db/database-pool.ts'
import { type DurableHealth, onceOk } from '../../durable-health.ts'
import { openCacheFile } from '../../files/cache-file.ts'
import { openJournal } from '../../files/journal.ts'
import { ownId } from '../../files/own-id.ts'
import { createLiveHub } from '../../live/live-hub.ts'
import { connectMqtt } from '../../live/mqtt-link.ts'
import { createRegistry } from '../../registry/registry.ts'
import { createWorldStore } from '../../registry/world-store-pg.ts'
import { doneWithin } from '../../time-limit.ts'
import type { AlarmLine } from '../log/alarm-line.ts'
import { createAlarmSink } from '../log/alarm-sink-pg.ts'
import { EnginePost } from './engine-post.ts'
import { readNotifyFile } from '../notify/recipients.ts'

export interface EngineSettings {
  /** Folder of journals and caches; the engine's own are in `alarms/` below it. */
  readonly folder: string
  readonly databaseUrl: string
  readonly mqttUrl: string
  readonly mqttUsername?: string | undefined
  readonly mqttPassword?: string | undefined
  readonly mqttCa?: string | undefined
  readonly notifyFile?: string | undefined
}

export interface StartEngineOptions extends EngineSettings {
  readonly secrets: Secrets
  readonly pid: number
  readonly clock: Clock
  readonly log: Log
}

/** How long a start waits for the world as PostgreSQL knows it; then it goes by what it knew. */
const WORLD_LIMIT_MS = 3_000
const CONNECTIONS = 3

/** Same settings, same engine. */
export function fingerprintOf(settings: EngineSettings): string {
  const { folder, databaseUrl, mqttUrl, mqttUsername, mqttCa, notifyFile } = settings
  return createHash('sha256').update(JSON.stringify([1, folder, databaseUrl, mqttUrl, mqttUsername, mqttCa, notifyFile])).digest('hex').slice(0, 16)
}

/** Everything of its own: connection to the broker, to PostgreSQL, journal, cache. @throws AppError SETTINGS_INVALID */
export async function startEngine(options: StartEngineOptions): Promise<EnginePost> {
  const { clock, log } = options
  const notify = readNotifyFile(options.notifyFile)
  const folder = join(options.folder, 'alarms')
  const id = await ownId(join(folder, 'engine-id'))
  const cache = await openCacheFile({ path: join(folder, 'cache.json'), clock, log })
  // What people ask of alarms owes the entries that come with it, never any of its own.
  const dues = new Dues(id)
  const database = openDatabase({ url: options.databaseUrl, rider: dueRider(dues), clock, log, connections: CONNECTIONS })
  const { health } = database
  const registry = createRegistry({ store: createWorldStore(database), cache, health, clock, log })
  await doneWithin(clock, WORLD_LIMIT_MS, firstLook(health, () => registry.refresh()))
  const journal = await openJournal<AlarmLine>({ path: join(folder, 'alarm-journal.jsonl'), sink: createAlarmSink(database), carrier: dues, health, clock, log })
  const hub = createLiveHub({ registry, clock, countDrop: () => undefined })
  const link = connectMqtt({
    url: options.mqttUrl,
    clientId: `alarms-${id}`,
    username: options.mqttUsername ?? 'central',
    password: options.mqttPassword ?? options.secrets.services.central,
    ca: options.mqttCa,
    clock,
    random: Math.random,
    log,
    onMessage: (message) => hub.receive(message),
  })
  const changes = listenForChanges({ url: options.databaseUrl, health, clock, log, onChange: () => void registry.refresh() })
  const parts = { registry, hub, link, health, database, dues, journal, cache, notify, folder, id, clock, log }
  return new EnginePost(parts, { ...options, fingerprint: fingerprintOf(options) }, async () => {
    await changes.stop()
    await link.stop()
    await journal.stop()
    registry.stop()
    await cache.stop()
    await database.stop()
  })
}

async function firstLook(health: DurableHealth, refresh: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = onceOk(health, () => {
      resolve()
      stop()
    })
  })
  await refresh()
}
