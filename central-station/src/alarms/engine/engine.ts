import { type Alarm, type AlarmWatch, AppError, CONFIRMATION_EVERY_MS, type Clock, type JudgedSample, type Stop } from '@vigil/contract'
import { AlarmBook, type AlarmRecord, type AudioRecord, type Escalation, type HeldAlarm, type MonitoringRecord, subjectKey } from '@vigil/contract/alarms'
import type { Log } from '@vigil/program'
import type { Dues } from '../../audit/due.ts'
import type { DurableHealth } from '../../durable-health.ts'
import type { CacheFile } from '../../files/cache-file.ts'
import type { Journal } from '../../files/journal.ts'
import { iso } from '../../iso.ts'
import type { BrokerLink } from '../../live/broker-link.ts'
import type { SampleFacts } from '../../live/live-device.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { Registry } from '../../registry/registry.ts'
import { allThereIs } from './all-there-is.ts'
import type { AlarmLine } from '../log/alarm-line.ts'
import { alarmView } from '../alarm-view.ts'
import type { Asked, FromEngine, Owing } from '../place/channel.ts'
import { confirmations } from './confirmation.ts'
import type { Peer } from '../duty/duty.ts'
import type { EngineRole } from './engine-role.ts'
import type { Episode } from '../log/episode.ts'
import { type Hearing, watchHearing } from './hearing.ts'
import { heardFrom, keepHeard } from './heard-cache.ts'
import { AlarmLedger, isSeen, type Written } from '../log/ledger-of-alarms.ts'
import { createNews2Scores, type News2Scores } from './news2-scores.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { OpenLog } from '../log/open-log.ts'
import { watchLinks } from '../paths/link-watch.ts'
import type { PathWatch } from '../paths/path-watch.ts'
import type { LateReview } from './late-review.ts'
import { changeQuiet, quietNow } from './quiet.ts'
import { staysWatched } from './stays-watched.ts'
import { watchSources } from './source-alarms.ts'
import type { Stations } from '../place/stations.ts'
import { patienceMs, type SweepContext, sweepSites, sweepUnassigned, sweepWards } from './sweeps.ts'
import { watchList } from './watch-list.ts'
import { stayOfSample } from './whose-sample.ts'

export interface EngineOptions {
  readonly registry: Registry
  readonly hub: LiveHub
  readonly link: BrokerLink
  readonly health: DurableHealth
  readonly openLog: OpenLog
  readonly journal: Journal<AlarmLine>
  readonly dues: Dues
  readonly cache: CacheFile
  readonly notifier: Notifier
  readonly path: PathWatch
  readonly late: LateReview
  readonly escalation?: Escalation | undefined
  readonly stations: Stations
  /** Engines that stand by. */
  readonly peers: () => readonly Peer[]
  /** Whether it is still the one that judges: not known for a moment after it was frozen. */
  readonly maySpeak: () => boolean
  /** What this engine heard while it stood by. */
  readonly heard?: { readonly book: AlarmBook; readonly listeningSinceMs: number | undefined } | undefined
  readonly clock: Clock
  readonly log: Log
}

const TICK_MS = 200
const SWEEP_MS = 1_000
const SCORE_MS = 5_000
const CALL = 'patient_call'

/** The alarms of a site, whatever happens to the screens: own broker connection, own log, own view of the world. */
export class AlarmEngine implements EngineRole {
  readonly #options: EngineOptions
  readonly #book: AlarmBook
  readonly #ledger: AlarmLedger
  readonly #stations: Stations
  readonly #stops: Stop[]
  readonly #links = watchLinks()
  readonly #unassignedSince = new Map<string, number>()
  readonly #scores: News2Scores
  readonly #startedMs: number
  #rightUntilMs = 0
  #worldSeen: unknown
  readonly #hearing: Hearing

  constructor(options: EngineOptions) {
    this.#options = options
    const { clock, hub, openLog, journal, log, registry, link, heard, health, maySpeak } = options
    this.#stations = options.stations
    this.#startedMs = heard?.listeningSinceMs ?? clock.now()
    this.#ledger = new AlarmLedger({ openLog, journal, health, maySpeak, clock, onWritten: (written) => this.#told(written), onUnwritten: (err) => log.error({ err }, 'alarm_engine.not_written') })
    this.#book = new AlarmBook(this.#ledger.take)
    this.#scores = createNews2Scores({ book: this.#book, stations: this.#stations, clock })
    this.#takeUpWorld()
    this.#book.restore(openLog.records)
    if (heard) for (const key of heard.book.subjects()) this.#book.rememberHeard(key, heard.book.heard(key) ?? [])
    else heardFrom(options.cache, this.#book)
    this.#hearing = watchHearing({ link, clock, sinceMs: heard?.listeningSinceMs })
    this.#stops = [
      watchSources({ book: this.#book, hub, registry, clock, flush: () => void this.#ledger.flush() }),
      hub.listen({ sample: (device, sample, facts) => this.#sample(device, sample, facts), birth: () => { this.#rightUntilMs = 0 } }),
      registry.onChange(() => this.#takeUpWorld()),
      options.notifier.onDelivery((alarmId) => this.#tellAlarm(alarmId)),
      clock.every(TICK_MS, () => this.#tick()),
      clock.every(SWEEP_MS, () => this.#sweep()),
      clock.every(SCORE_MS, () => this.#score()),
      clock.every(CONFIRMATION_EVERY_MS, () => this.#confirm()),
    ]
    options.notifier.takeUp([...this.#openAlarms()])
  }

  all(): FromEngine {
    return allThereIs({ book: this.#book, alarms: [...this.#openAlarms()], news2Of: this.#scores.of, watch: this.watch() })
  }

  watch(): AlarmWatch {
    const { clock, hub, peers } = this.#options
    return { engine: 'ok', checkedAt: iso(clock.now()), ...staysWatched({ book: this.#book, hub, nowMs: clock.now() }), armedScreens: { ...this.#stations.armed() }, duty: 'here', standbys: peers().length }
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop()
    keepHeard(this.#options.cache, this.#book)
    await this.#ledger.flush()
  }

  #sample(device: string, sample: JudgedSample, facts: SampleFacts): void {
    const { registry, clock, late } = this.#options
    const { lane, t, clockSuspect } = facts
    const stay = stayOfSample(registry.now(), device, facts)
    if (!stay) return
    const key = subjectKey({ kind: 'stay', id: stay.id })
    const watched = this.#book.watched(key)
    if (!watched) return
    if (lane === 'backlog') return late.take(watched, sample, t)
    const atMs = clock.now()
    this.#book.sample(key, { values: sample.values, quality: sample.quality, atMs, measuredMs: t })
    this.#book.judge(key, 'clock_suspect', clockSuspect, atMs)
    void this.#ledger.flush()
  }

  #tick(): void {
    const { clock, registry } = this.#options
    const now = clock.now()
    this.#hearing.look()
    if (registry.now() !== this.#worldSeen || now >= this.#rightUntilMs) {
      this.#takeUpWorld()
      // What a person typed in counts at once.
      this.#scores.tell()
    }
    this.#book.tick(now)
    void this.#ledger.flush()
  }

  #sweep(): void {
    this.#hearing.look()
    const { hub, health, path, notifier, maySpeak } = this.#options
    const context = this.#context()
    hub.sweep()
    this.#links.sweep(context)
    sweepUnassigned(context, this.#unassignedSince)
    sweepWards(context, this.#stations.armed())
    sweepSites(context, { databaseAway: health.state() === 'away', ...path.judge(context.listeningSinceMs !== undefined) })
    const { listeningSinceMs } = context
    if (listeningSinceMs !== undefined) this.#book.listenForSilence(context.nowMs, { hearsSinceMs: (key) => this.#links.hearsSinceMs(key, listeningSinceMs), patienceMs: (key) => patienceMs(context, key) })
    if (maySpeak()) notifier.sweep([...this.#openAlarms()], this.#stations.armed())
    void this.#ledger.flush()
  }

  #context(): SweepContext {
    const { hub, registry, clock, escalation } = this.#options
    return { book: this.#book, hub, world: registry.now(), nowMs: clock.now(), listeningSinceMs: this.#hearing.sinceMs(), startedMs: this.#startedMs, escalation }
  }

  #score(): void {
    this.#scores.tell()
    keepHeard(this.#options.cache, this.#book)
    void this.#ledger.flush()
  }

  #takeUpWorld(): void {
    const { registry, hub, clock, escalation } = this.#options
    const now = clock.now()
    this.#worldSeen = registry.now()
    const { subjects, rightUntilMs } = watchList({ world: registry.now(), hub, nowMs: now, escalation })
    this.#rightUntilMs = rightUntilMs
    for (const watched of subjects.values()) this.#book.watch(watched, now)
    for (const key of this.#book.subjects()) if (!subjects.has(key) && !key.startsWith('device:')) this.#book.forget(key, now, 'discharged, or no longer watched')
    void this.#ledger.flush()
  }

  heardLive(seq: number): void {
    this.#options.path.heardLive(seq)
  }

  /** What it changes goes to PostgreSQL with the entries of the audit it owes, in one transaction. */
  async do({ due = [], ...ask }: Owing<Asked>): Promise<unknown> {
    if (!this.#options.maySpeak()) throw new AppError('ALARM_ENGINE_AWAY', 'The alarm engine was stopped for a moment and makes sure that no other has taken over. Look again, then try again.')
    return this.#options.dues.carry(due, () => this.#do(ask))
  }

  async #do(ask: Asked): Promise<unknown> {
    const { registry, clock } = this.#options
    if (ask.do === 'refresh') {
      await registry.refresh()
      return this.#takeUpWorld()
    }
    if (ask.do === 'acknowledge') return this.#acknowledge(ask)
    if (ask.do === 'hand_over') return this.#handOver(ask)
    if (ask.do === 'call') return this.#call(ask.stayId)
    const answer = changeQuiet(this.#book, ask, clock.now())
    await this.#ledger.flush()
    return answer
  }

  async #acknowledge({ alarmId, actor, seenVersion, note }: Extract<Asked, { do: 'acknowledge' }>): Promise<Alarm> {
    const before = this.#view(alarmId)
    const refusal = this.#book.acknowledge(alarmId, { atMs: this.#options.clock.now(), by: actor, seenVersion, note })
    if (refusal === 'changed') throw new AppError('ALARM_CHANGED', `It changed while you were looking: ${before?.sentence ?? ''}. Look again, then acknowledge.`, { details: { version: before?.version, value: before?.worst, alarm: before } })
    if (refusal || !before) throw new AppError('ALARM_OVER', 'This alarm is over; there is nothing left to acknowledge.')
    // Somebody has heard the patient: that is what was called for.
    if (before.condition === CALL) this.#book.judge(subjectKey(before.subject), CALL, false, this.#options.clock.now())
    const episode = this.#ledger.episode(alarmId)
    await this.#ledger.flush()
    return episode ? (this.#view(alarmId) ?? before) : { ...before, state: 'cleared' }
  }

  async #handOver({ alarmId, actor, to, note }: Extract<Asked, { do: 'hand_over' }>): Promise<Alarm> {
    const refusal = this.#book.handOver(alarmId, { atMs: this.#options.clock.now(), by: actor, to, note })
    const alarm = this.#view(alarmId)
    if (refusal === 'not_announced' || !alarm) throw new AppError('ALARM_OVER', 'This alarm is over; there is nothing left to hand over.')
    if (refusal) throw new AppError('ALARM_UNANSWERED', 'Nobody has this alarm yet. Acknowledge it first, then hand it over.')
    await this.#ledger.flush()
    return this.#view(alarmId) ?? alarm
  }

  async #call(stayId: string): Promise<Alarm> {
    this.#book.judge(subjectKey({ kind: 'stay', id: stayId }), CALL, true, this.#options.clock.now())
    await this.#ledger.flush()
    const alarm = [...this.#openAlarms()].find(({ condition, stayId: of }) => condition === CALL && of === stayId)
    if (!alarm) throw new AppError('NOT_FOUND', 'This stay is not watched for alarms: nobody is called.')
    return alarm
  }

  #told(written: readonly Written[]): void {
    const devices = new Set<string>()
    for (const { record, episode } of written) {
      if (record.stream !== 'alarm') this.#tellQuiet(record)
      else if (episode !== null && episode.announcedMs !== null && isSeen(record.what)) {
        this.#tellStep(record, episode)
        if (record.place.deviceId !== null) devices.add(record.place.deviceId)
      }
    }
    for (const device of devices) this.#confirm(device)
  }

  #tellQuiet({ stream, subject }: AudioRecord | MonitoringRecord): void {
    this.#stations.tell(quietNow(this.#book, stream, subject.id))
    // What stands open says itself that it is held back.
    if (stream === 'monitoring') for (const alarm of this.#openAlarms()) if (alarm.stayId === subject.id) this.#stations.tell({ t: 'alarm', alarm })
  }

  #tellStep(record: AlarmRecord, episode: Episode): void {
    const { notifier, registry } = this.#options
    const alarm = this.#view(episode.id) ?? alarmView(episode, undefined, { world: registry.now(), deliveries: notifier.deliveries(episode.id) })
    this.#stations.tell({ t: 'alarm', alarm })
    notifier.told(alarm, record.what, this.#book.held(episode.id)?.state.escalation ?? 0)
  }

  /** Tells a board what the centre has of it; without a name, every board that has something open. */
  #confirm(device?: string): void {
    const { link, registry, clock, maySpeak } = this.#options
    if (!maySpeak()) return
    for (const { topic, message } of confirmations({ alarms: [...this.#openAlarms()], armed: this.#stations.armed(), world: registry.now(), nowMs: clock.now(), device })) {
      link.publish(topic, JSON.stringify(message), { qos: 1 }).catch(() => undefined)
    }
  }

  #tellAlarm(alarmId: string): void {
    const alarm = this.#view(alarmId)
    if (alarm) this.#stations.tell({ t: 'alarm', alarm })
  }

  *#openAlarms(): Iterable<Alarm> {
    for (const held of this.#book.all()) {
      const alarm = this.#viewOf(held)
      if (alarm) yield alarm
    }
  }

  #view(alarmId: string): Alarm | undefined {
    const held = this.#book.held(alarmId)
    return held && this.#viewOf(held)
  }

  #viewOf(held: HeldAlarm): Alarm | undefined {
    const episode = this.#ledger.episode(held.alarmId)
    if (!episode || held.state.phase === 'pending') return undefined
    const { registry, escalation, notifier } = this.#options
    return alarmView(episode, held, { world: registry.now(), escalation, deliveries: notifier.deliveries(held.alarmId) })
  }
}
