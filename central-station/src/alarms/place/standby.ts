import { type Alarm, type AlarmWatch, AppError, type Clock, type JudgedSample, type Stop } from '@vigil/contract'
import { AlarmBook, type Escalation, subjectKey } from '@vigil/contract/alarms'
import type { Log } from '@vigil/program'
import { iso } from '../../iso.ts'
import type { BrokerLink } from '../../live/broker-link.ts'
import type { SampleFacts } from '../../live/live-device.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { Registry } from '../../registry/registry.ts'
import { allThereIs } from '../engine/all-there-is.ts'
import { alarmView } from '../alarm-view.ts'
import type { Asked, FromEngine } from './channel.ts'
import type { Peer } from '../duty/duty.ts'
import type { EngineRole } from '../engine/engine-role.ts'
import { type Episode, episodeAfter } from '../log/episode.ts'
import { type Hearing, watchHearing } from '../engine/hearing.ts'
import { createNews2Scores, type News2Scores } from '../engine/news2-scores.ts'
import { quietNow } from '../engine/quiet.ts'
import { staysWatched } from '../engine/stays-watched.ts'
import { toDelivery } from '../notify/notifier.ts'
import type { OpenAlarms } from '../log/open-alarms-pg.ts'
import type { Stations } from './stations.ts'
import { watchList } from '../engine/watch-list.ts'
import { stayOfSample } from '../engine/whose-sample.ts'

export interface StandbyOptions {
  readonly registry: Registry
  readonly hub: LiveHub
  readonly link: BrokerLink
  readonly stations: Stations
  /** What is open, as the engine on duty wrote it. @throws AppError DATABASE_AWAY */
  readonly read: () => Promise<OpenAlarms>
  /** Hands on what a person asked, to the engine on duty. */
  readonly relay: (ask: Asked) => Promise<unknown>
  readonly peers: () => readonly Peer[]
  readonly escalation?: Escalation | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Also told at once by PostgreSQL; this is for what such a word was lost of. */
const READ_MS = 1_000
const SCORE_MS = 5_000

/**
 * An engine that does not judge. Its stations see what the engine on duty has written; it hears every sample itself, so that it
 * knows what was there and stopped when it takes over.
 */
export class Standby implements EngineRole {
  readonly #options: StandbyOptions
  /** Hears and scores; what it would say is told to nobody. */
  readonly #silent = new AlarmBook(() => undefined)
  readonly #stops: Stop[]
  #shown = new Map<string, Alarm>()
  /** Sound and monitoring of each stay, as stations were told. */
  #quiet = new Map<string, string>()
  #book = new AlarmBook(() => undefined)
  #reading: Promise<void> | undefined
  #again = false
  readonly #hearing: Hearing
  readonly #scores: News2Scores

  constructor(options: StandbyOptions) {
    this.#options = options
    const { clock, hub, registry, stations } = options
    this.#scores = createNews2Scores({ book: this.#silent, stations, clock })
    this.#takeUpWorld(this.#silent)
    this.#hearing = watchHearing(options)
    this.#stops = [
      hub.listen({ sample: (device, sample, facts) => this.#sample(device, sample, facts) }),
      registry.onChange(() => this.#takeUpWorld(this.#silent)),
      clock.every(READ_MS, () => {
        this.#hearing.look()
        void this.look()
      }),
      clock.every(SCORE_MS, () => this.#scores.tell()),
    ]
    void this.look()
  }

  /** What this engine heard itself, for the one that takes over. */
  get heard(): { readonly book: AlarmBook; readonly listeningSinceMs: number | undefined } {
    return { book: this.#silent, listeningSinceMs: this.#hearing.sinceMs() }
  }

  /** Reads what is open now, and tells the stations what is different. Never fails. */
  async look(): Promise<void> {
    if (this.#reading) {
      this.#again = true
      return this.#reading
    }
    this.#reading = this.#read().catch((err: unknown) => this.#options.log.debug({ err }, 'alarm_standby.not_read')).finally(() => { this.#reading = undefined })
    await this.#reading
    if (!this.#again) return
    this.#again = false
    await this.look()
  }

  all(): FromEngine {
    return allThereIs({ book: this.#book, alarms: [...this.#shown.values()], news2Of: this.#scores.of, watch: this.watch() })
  }

  watch(): AlarmWatch {
    const { clock, stations, peers } = this.#options
    const onDuty = peers().find(({ duty }) => duty)
    const watched = staysWatched({ book: this.#silent, hub: this.#options.hub, nowMs: clock.now() })
    return { engine: onDuty ? 'ok' : 'away', checkedAt: iso(clock.now()), ...watched, armedScreens: { ...stations.armed() }, duty: 'elsewhere', standbys: peers().length - (onDuty ? 1 : 0) + 1, ...(onDuty ? { onDuty: onDuty.name } : {}) }
  }

  async do(ask: Asked): Promise<unknown> {
    if (ask.do === 'refresh') {
      await this.#options.registry.refresh()
      return this.#takeUpWorld(this.#silent)
    }
    if (!this.#options.peers().some(({ duty }) => duty)) throw new AppError('ALARM_ENGINE_AWAY', 'The alarm engine on duty does not answer; this one takes over within seconds. Try again then.')
    const answer = await this.#options.relay(ask)
    await this.look()
    return answer
  }

  heardLive(): void {
    // The engine on duty watches the path.
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#reading
  }

  async #read(): Promise<void> {
    const { read, stations } = this.#options
    const { records, notices } = await read()
    const book = new AlarmBook(() => undefined)
    this.#takeUpWorld(book)
    book.restore(records)
    const episodes = new Map<string, Episode>()
    for (const record of records) if (record.stream === 'alarm') episodes.set(record.alarmId, episodeAfter(episodes.get(record.alarmId), record))
    this.#book = book
    const shown = this.#viewsOf(book, episodes, notices)
    for (const alarm of shown.values()) if (JSON.stringify(alarm) !== JSON.stringify(this.#shown.get(alarm.id))) stations.tell({ t: 'alarm', alarm })
    for (const [id, alarm] of this.#shown) if (!shown.has(id)) stations.tell({ t: 'alarm', alarm: { ...alarm, state: 'cleared' } })
    this.#shown = shown
    this.#tellQuiet(book)
  }

  #viewsOf(book: AlarmBook, episodes: ReadonlyMap<string, Episode>, notices: OpenAlarms['notices']): Map<string, Alarm> {
    const { registry, escalation } = this.#options
    const shown = new Map<string, Alarm>()
    for (const held of book.all()) {
      const { alarmId, state } = held
      const episode = episodes.get(alarmId)
      if (episode && state.phase !== 'pending') shown.set(alarmId, alarmView(episode, held, { world: registry.now(), escalation, deliveries: notices.filter((line) => line.alarmId === alarmId).map(toDelivery) }))
    }
    return shown
  }

  #tellQuiet(book: AlarmBook): void {
    const quiet = new Map<string, string>()
    for (const key of book.subjects()) {
      const [kind, stayId = ''] = key.split(':')
      if (kind !== 'stay') continue
      for (const part of ['audio', 'monitoring'] as const) {
        const now = quietNow(book, part, stayId)
        const text = JSON.stringify(now)
        quiet.set(`${part} ${stayId}`, text)
        if (text !== (this.#quiet.get(`${part} ${stayId}`) ?? JSON.stringify({ t: part, stayId, [part]: { mode: 'on' } }))) this.#options.stations.tell(now)
      }
    }
    this.#quiet = quiet
  }

  #sample(device: string, sample: JudgedSample, facts: SampleFacts): void {
    const { registry, clock } = this.#options
    const stay = facts.lane === 'backlog' ? undefined : stayOfSample(registry.now(), device, facts)
    if (!stay) return
    this.#silent.sample(subjectKey({ kind: 'stay', id: stay.id }), { values: sample.values, quality: sample.quality, atMs: clock.now(), measuredMs: facts.t })
  }

  #takeUpWorld(book: AlarmBook): void {
    const { registry, hub, clock, escalation } = this.#options
    const now = clock.now()
    const { subjects } = watchList({ world: registry.now(), hub, nowMs: now, escalation })
    for (const watched of subjects.values()) book.watch(watched, now)
    for (const key of book.subjects()) if (!subjects.has(key)) book.forget(key, now, 'no longer watched')
  }
}
