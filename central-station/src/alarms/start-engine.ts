import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import type { Log, Secrets } from '@vigil/program'
import { listenForChanges } from '../db/change-listener.ts'
import { openDatabase } from '../db/database-pool.ts'
import { openCacheFile } from '../files/cache-file.ts'
import { openJournal } from '../files/journal.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import { sendCanary } from '../live/canary-link.ts'
import { createLiveHub } from '../live/live-hub.ts'
import { connectMqtt } from '../live/mqtt-link.ts'
import { createRegistry } from '../registry/registry.ts'
import { createWorldStore } from '../registry/world-store-pg.ts'
import { doneWithin } from '../time-limit.ts'
import type { AlarmLine } from './alarm-line.ts'
import { createAlarmSink } from './alarm-sink-pg.ts'
import { ensureCanary } from './canary-store-pg.ts'
import { AlarmEngine } from './engine.ts'
import { reviewLate } from './late-review.ts'
import { readNotifyFile } from './notify/recipients.ts'
import { EscalatingNotifier } from './notify/notifier.ts'
import { openOpenLog } from './open-log.ts'
import { watchPath } from './path-watch.ts'

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

export interface RunningEngine {
  readonly engine: AlarmEngine
  stop(): Promise<void>
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
export async function startEngine(options: StartEngineOptions): Promise<RunningEngine> {
  const { secrets, clock, log } = options
  const notify = readNotifyFile(options.notifyFile)
  const folder = join(options.folder, 'alarms')
  const cache = await openCacheFile({ path: join(folder, 'cache.json'), clock, log })
  const database = openDatabase({ url: options.databaseUrl, clock, log, connections: CONNECTIONS })
  const { health } = database
  const registry = createRegistry({ store: createWorldStore(database), cache, health, clock, log })
  await doneWithin(clock, WORLD_LIMIT_MS, firstLook(health, () => registry.refresh()))
  const openLog = await openOpenLog(join(folder, 'open-alarms.jsonl'), log)
  const journal = await openJournal<AlarmLine>({ path: join(folder, 'alarm-journal.jsonl'), sink: createAlarmSink(database), health, clock, log })
  const write = (lines: readonly AlarmLine[]) => void journal.append(lines).catch((err: unknown) => log.error({ err }, 'alarm_journal.not_written'))
  const hub = createLiveHub({ registry, clock, countDrop: () => undefined })
  const link = connectMqtt({
    url: options.mqttUrl,
    clientId: 'alarms',
    username: options.mqttUsername ?? 'central',
    password: options.mqttPassword ?? secrets.services.central,
    ca: options.mqttCa,
    clock,
    log,
    onMessage: (message) => hub.receive(message),
  })
  const path = watchPath({ clock, canary: () => canary?.known() ?? false, storing: () => health.state() === 'ok' })
  const stopHearing = hub.listen({ sample: (device, _sample, { seq }) => device === CANARY_DEVICE && path.heardBroker(seq) })
  const notifier = new EscalatingNotifier({ ...notify, cache, write, clock, log })
  const late = reviewLate({ clock, write })
  const engine = new AlarmEngine({ registry, hub, link, health, openLog, journal, cache, notifier, path, late, escalation: notify.escalation, fingerprint: fingerprintOf(options), pid: options.pid, clock, log })
  const changes = listenForChanges({ url: options.databaseUrl, health, clock, log, onChange: () => void registry.refresh() })
  let canary: ReturnType<typeof sendCanary> | undefined
  const stopCanary = onceOk(health, () => {
    ensureCanary(database, secrets.pepper)
      .then(() => registry.refresh())
      .then(() => { canary ??= sendCanary({ url: options.mqttUrl, ca: options.mqttCa, pepper: secrets.pepper, path, clock, log }) })
      .catch((err: unknown) => log.warn({ err }, 'canary.not_registered'))
  })
  return {
    engine,
    async stop() {
      stopCanary()
      stopHearing()
      await canary?.stop()
      await engine.stop()
      notifier.stop()
      late.stop()
      await changes.stop()
      await link.stop()
      await openLog.close()
      await journal.stop()
      registry.stop()
      await cache.stop()
      await database.stop()
    },
  }
}

type Health = ReturnType<typeof openDatabase>['health']

async function firstLook(health: Health, refresh: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = onceOk(health, () => {
      resolve()
      stop()
    })
  })
  await refresh()
}

/** Now if PostgreSQL is there, and each time it comes back. */
function onceOk(health: Health, run: () => void): () => void {
  const stop = health.onChange((state) => state === 'ok' && run())
  if (health.state() === 'ok') queueMicrotask(run)
  return stop
}
