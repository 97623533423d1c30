import { hostname } from 'node:os'
import { join } from 'node:path'
import { AppError, type AlarmWatch, type Clock, type Stop } from '@vigil/contract'
import type { Log, Secrets } from '@vigil/program'
import { listenForChanges } from '../../db/change-listener.ts'
import type { Dues } from '../../audit/due.ts'
import type { Database } from '../../db/database.ts'
import { type DurableHealth, onceOk } from '../../durable-health.ts'
import type { CacheFile } from '../../files/cache-file.ts'
import type { Journal } from '../../files/journal.ts'
import type { BrokerLink } from '../../live/broker-link.ts'
import { CANARY_DEVICE } from '../../live/canary.ts'
import { type CanaryLink, sendCanary } from '../../live/canary-link.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AlarmLine } from '../log/alarm-line.ts'
import { type AskRelay, createAskRelay } from './ask-relay-pg.ts'
import { ensureCanary } from '../paths/canary-store-pg.ts'
import { type Asked, BEAT_MS, type EngineEnd, type FromStation } from './channel.ts'
import { createDutyBoard } from '../duty/duty-board-pg.ts'
import { type Duty, watchDuty } from '../duty/duty.ts'
import { AlarmEngine } from '../engine/engine.ts'
import type { EngineRole } from '../engine/engine-role.ts'
import { reviewLate } from '../engine/late-review.ts'
import type { NotifySettings } from '../notify/recipients.ts'
import { EscalatingNotifier } from '../notify/notifier.ts'
import { type OpenAlarms, readOpenAlarms } from '../log/open-alarms-pg.ts'
import { openOpenLog } from '../log/open-log.ts'
import { type PathWatch, watchPath } from '../paths/path-watch.ts'
import { Standby } from './standby.ts'
import { Stations } from './stations.ts'

export interface PostParts {
  readonly registry: Registry
  readonly hub: LiveHub
  readonly link: BrokerLink
  readonly health: DurableHealth
  readonly database: Database
  readonly dues: Dues
  readonly journal: Journal<AlarmLine>
  readonly cache: CacheFile
  readonly notify: NotifySettings
  readonly folder: string
  readonly id: string
  readonly clock: Clock
  readonly log: Log
}

export interface PostSettings {
  readonly databaseUrl: string
  readonly mqttUrl: string
  readonly mqttCa?: string | undefined
  readonly secrets: Secrets
  /** Same settings, same fingerprint: a station takes up only an engine that works for it. */
  readonly fingerprint: string
  readonly pid: number
}

const DUTY_PART = 'duty'
const ASK_LOOK_MS = 1_000

/** An engine's place in the site: on duty it judges, standing by it shows what the one on duty wrote and waits to take over. */
export class EnginePost {
  readonly #parts: PostParts
  readonly #settings: PostSettings
  readonly #close: () => Promise<void>
  readonly #duty: Duty
  readonly #stations: Stations
  readonly #relay: AskRelay
  readonly #stops: Stop[]
  readonly #listener: { stop(): Promise<void> }
  #role: EngineRole | undefined
  #leave: () => Promise<void> = async () => undefined
  #turn: Promise<void> = Promise.resolve()
  #canary: CanaryLink | undefined
  #canaryHeardMs = 0
  #hearingSinceMs: number | undefined

  constructor(parts: PostParts, settings: PostSettings, close: () => Promise<void>) {
    this.#parts = parts
    this.#settings = settings
    this.#close = close
    const { clock, log, cache, hub, health } = parts
    this.#stations = new Stations(() => this.#duty.peers().map(({ armed }) => armed))
    this.#relay = createAskRelay(parts.database, clock)
    this.#duty = watchDuty({
      board: createDutyBoard({ url: settings.databaseUrl, id: parts.id, name: hostname(), log }),
      armed: () => this.#stations.armedHere(), canaryHeardMs: () => this.#canarySeenMs(), wasOnDuty: cache.read(DUTY_PART) !== 'standby', clock, log,
    })
    this.#stops = [
      this.#duty.onChange((state, { stale }) => { this.#turn = this.#turn.then(() => this.#change(state, stale)).catch((err: unknown) => log.error({ err }, 'alarm_duty.not_changed')) }),
      hub.listen({ sample: (device) => { if (device === CANARY_DEVICE) this.#canaryHeardMs = clock.monotonic() } }),
      clock.every(BEAT_MS, () => this.#beat()),
      clock.every(ASK_LOOK_MS, () => this.#serve()),
    ]
    this.#listener = listenForChanges({ url: settings.databaseUrl, health, clock, log, channels: ['vigil_alarm', 'vigil_alarm_ask'], onChange: () => this.#heardOfChange() })
  }

  /** A station connects: everything first, then each change. */
  attach(end: EngineEnd): void {
    const { fingerprint, pid } = this.#settings
    this.#stations.add(end, (message) => this.#hear(end, message))
    end.send({ t: 'hello', fingerprint, pid })
    if (this.#role) end.send(this.#role.all())
  }

  get stations(): number {
    return this.#stations.count
  }

  watch(): AlarmWatch | undefined {
    return this.#role?.watch()
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#turn
    await this.#leave()
    this.#stations.close()
    await this.#listener.stop()
    // Nobody takes over before the last line is written.
    await this.#parts.journal.drain()
    await this.#duty.stop()
    await this.#close()
  }

  async #change(state: 'duty' | 'standby', stale: boolean): Promise<void> {
    const { cache, health } = this.#parts
    cache.put(DUTY_PART, state)
    const before = this.#role
    await this.#leave()
    await this.#parts.journal.drain()
    // What another engine left open; with PostgreSQL away it cannot be known, and the machine's own log is all there is.
    const open = stale && state === 'duty' && health.state() === 'ok' ? await readOpenAlarms(this.#parts.database) : undefined
    if (state === 'duty') await this.#judge(open, before instanceof Standby ? before : undefined)
    else this.#standBy()
    if (this.#role) this.#stations.tell(this.#role.all())
    this.#serve()
  }

  #standBy(): void {
    const { database, notify, ...parts } = this.#parts
    const standby = new Standby({ ...parts, stations: this.#stations, read: () => readOpenAlarms(database), relay: (ask) => this.#relay.relay(ask), peers: () => this.#duty.peers(), escalation: notify.escalation })
    this.#leave = () => standby.stop()
    this.#role = standby
  }

  async #judge(open: OpenAlarms | undefined, from: Standby | undefined): Promise<void> {
    const { notify, journal, folder, hub, health, cache, clock, log } = this.#parts
    const maySpeak = () => this.#duty.maySpeak()
    const write = (lines: readonly AlarmLine[]) => void journal.append(lines).catch((err: unknown) => log.error({ err }, 'alarm_journal.not_written'))
    const openLog = await openOpenLog(join(folder, 'open-alarms.jsonl'), log, open?.records)
    const path = watchPath({ clock, canary: () => this.#canary?.known() ?? false, storing: () => health.state() === 'ok', wasUp: this.#canaryHeardMs > 0 })
    const notifier = new EscalatingNotifier({ ...notify, cache, known: open?.notices, write, maySpeak, clock, log })
    const late = reviewLate({ clock, write })
    const engine = new AlarmEngine({ ...this.#parts, openLog, notifier, path, late, escalation: notify.escalation, stations: this.#stations, peers: () => this.#duty.peers(), maySpeak, heard: from?.heard })
    const stopHearing = hub.listen({ sample: (device, _sample, { epoch, seq }) => { if (device === CANARY_DEVICE && epoch === this.#canary?.epoch) path.heardBroker(seq) } })
    const stopCanary = this.#sing(path)
    this.#leave = async () => {
      stopCanary()
      stopHearing()
      await this.#canary?.stop()
      this.#canary = undefined
      await engine.stop()
      notifier.stop()
      late.stop()
      await openLog.close()
    }
    this.#role = engine
  }

  /** Sends the canary as soon as PostgreSQL has it registered; only the engine on duty has one. */
  #sing(path: PathWatch): Stop {
    const { database, registry, health, clock, log } = this.#parts
    const { secrets, mqttUrl, mqttCa } = this.#settings
    const life = { over: false, sings: false }
    const stop = onceOk(health, () => {
      ensureCanary(database, secrets.pepper)
        .then(() => registry.refresh())
        .then(() => {
          if (life.over || life.sings) return
          life.sings = true
          this.#canary = sendCanary({ url: mqttUrl, ca: mqttCa, pepper: secrets.pepper, path, clock, log })
        })
        .catch((err: unknown) => log.warn({ err }, 'canary.not_registered'))
    })
    return () => {
      life.over = true
      stop()
    }
  }

  #hear(end: EngineEnd, message: FromStation): void {
    // That of another engine, also of one that was frozen, proves nothing of this one's way.
    if (message.t === 'canary' && message.epoch === this.#canary?.epoch) this.#role?.heardLive(message.seq)
    else if (message.t === 'ask') void this.#answer(end, message.id, message.ask)
  }

  async #answer(end: EngineEnd, id: number, ask: Asked): Promise<void> {
    try {
      const value = await this.#do(ask)
      end.send({ t: 'done', id, ...(value === undefined ? {} : { value }) })
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError('INTERNAL', 'The alarm engine could not do this.', { cause: error })
      if (known.code === 'INTERNAL') this.#parts.log.error({ err: error }, 'alarm_engine.fault')
      end.send({ t: 'failed', id, code: known.code, message: known.message, ...(known.details ? { details: known.details } : {}) })
    }
  }

  #do(ask: Asked): Promise<unknown> {
    if (!this.#role) throw new AppError('ALARM_ENGINE_AWAY', 'The alarm engine is starting; try again in a few seconds.')
    return this.#role.do(ask)
  }

  #beat(): void {
    if (this.#role) this.#stations.tell({ t: 'beat', watch: this.#role.watch() })
  }

  #heardOfChange(): void {
    if (this.#role instanceof Standby) void this.#role.look()
    else this.#serve()
  }

  /** On duty, what was asked at other stations. */
  #serve(): void {
    const { health, log } = this.#parts
    if (this.#role instanceof AlarmEngine && health.state() === 'ok') this.#relay.serve((ask) => this.#do(ask)).catch((err: unknown) => log.debug({ err }, 'alarm_relay.not_served'))
  }

  #canarySeenMs(): number | undefined {
    const { link, clock } = this.#parts
    this.#hearingSinceMs = link.connected() ? (this.#hearingSinceMs ?? clock.monotonic()) : undefined
    return this.#hearingSinceMs === undefined ? undefined : Math.max(this.#hearingSinceMs, this.#canaryHeardMs)
  }
}
