import { type Acknowledgement, type Alarm, type AlarmEventList, type AlarmList, type AlarmQuery, type AlarmWatch, AppError, type AudioChange, type AudioNow, type Clock, type HandingOver, type MonitoringNow, type News2Now, type Stop, type WardScope } from '@vigil/contract'
import { type AlarmActor, alarmId, PAUSE_MS, priorities } from '@vigil/contract/alarms'
import type { Actor } from '../audit/audit.ts'
import type { Dues } from '../audit/due.ts'
import { iso } from '../iso.ts'
import { readTimeRange } from '../history/time-range.ts'
import type { Registry } from '../registry/registry.ts'
import { doneWithin } from '../time-limit.ts'
import type { Asked, CanaryHeard, FromEngine, StationEnd } from './place/channel.ts'

/** What screens are told, at once. */
export interface AlarmListener {
  alarm?(alarm: Alarm): void
  audio?(stayId: string, audio: AudioNow): void
  monitoring?(stayId: string, monitoring: MonitoringNow): void
  news2?(stayId: string, news2: News2Now | null): void
  watch?(watch: AlarmWatch): void
  /** Everything may be different. */
  all?(): void
}

/** Port: alarms of the past. */
export interface AlarmArchive {
  ended(filter: { readonly ward: string | undefined; readonly stay: string | undefined; readonly wards: WardScope; readonly fromMs: number; readonly toMs: number; readonly limit: number }): Promise<Alarm[]>
  find(id: string): Promise<Alarm | undefined>
  /** Its own steps, notices, and what was done around it meanwhile: sound, limits, who looked at it. */
  life(alarm: Alarm): Promise<AlarmEventList['events']>
}

const ASK_LIMIT_MS = 5_000
const LIMIT = 200
const DAY_MS = 86_400_000

export interface DeskOptions {
  readonly archive: AlarmArchive
  readonly registry: Registry
  readonly dues: Pick<Dues, 'entries'>
  readonly clock: Clock
  /** Something went wrong that nobody waits for. */
  readonly fault: (err: unknown) => void
}

/** The HTTP part's side of the alarm engine: what it last said, and what people ask of it. */
export class AlarmDesk {
  readonly #options: DeskOptions
  readonly #alarms = new Map<string, Alarm>()
  readonly #audio = new Map<string, AudioNow>()
  readonly #monitoring = new Map<string, MonitoringNow>()
  readonly #news2 = new Map<string, News2Now>()
  readonly #listeners = new Set<AlarmListener>()
  readonly #open = new Map<number, { done: (value: unknown) => void; failed: (error: AppError) => void }>()
  #end: StationEnd | undefined
  #watch: AlarmWatch | undefined
  #lostAtMs: number
  #nextId = 1
  #armed: Readonly<Record<string, number>> = {}

  constructor(options: DeskOptions) {
    this.#options = options
    this.#lostAtMs = options.clock.now()
  }

  /** The engine answers on this end from now on, until it closes. */
  readonly connected = (end: StationEnd): void => {
    end.onClose(() => this.#lost(end))
    end.onMessage((message) => this.#hear(end, message))
    this.#end = end
    end.send({ t: 'armed', wards: this.#armed })
  }

  listen(listener: AlarmListener): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tellArmed(wards: Readonly<Record<string, number>>): void {
    this.#armed = wards
    this.#end?.send({ t: 'armed', wards })
  }

  canaryHeard(heard: CanaryHeard): void {
    this.#end?.send({ t: 'canary', ...heard })
  }

  /** Resolves when alarms are watched. */
  untilWorking(): Promise<void> {
    if (this.working) return Promise.resolve()
    return new Promise((resolve) => {
      const stop = this.listen({
        all: () => {
          if (!this.working) return
          stop()
          resolve()
        },
      })
    })
  }

  get working(): boolean {
    return this.#watch?.engine === 'ok'
  }

  watch(): AlarmWatch {
    return this.#watch ?? { engine: 'away', checkedAt: iso(this.#lostAtMs), staysWatched: 0, armedScreens: { ...this.#armed } }
  }

  /** Open alarms of a stay; those that have no bed are of their ward or site. */
  ofStay(stayId: string): Alarm[] {
    return sorted([...this.#alarms.values()].filter((alarm) => alarm.stayId === stayId))
  }

  ofWard(wardId: string, site: string): Alarm[] {
    const away = this.#awayAlarm(site)
    const mine = [...this.#alarms.values()].filter(({ subject, site: of }) => (subject.kind === 'ward' && subject.id === wardId) || (subject.kind === 'site' && subject.id === site) || (subject.kind === 'device' && of === site))
    return sorted([...(away ? [away] : []), ...mine])
  }

  audioOf(stayId: string): AudioNow {
    return this.#audio.get(stayId) ?? { mode: 'on' }
  }

  monitoringOf(stayId: string): MonitoringNow {
    return this.#monitoring.get(stayId) ?? { mode: 'on' }
  }

  news2Of(stayId: string): News2Now | undefined {
    return this.#news2.get(stayId)
  }

  /** Of these wards; what belongs to no ward concerns everybody. */
  async list({ state = 'open', ward, stay, from, to, limit = LIMIT }: AlarmQuery, wards: WardScope = null): Promise<AlarmList> {
    const { archive, registry, clock } = this.#options
    const answer = (alarms: Alarm[]): AlarmList => ({ alarms, watch: this.watch(), serverTimeMs: clock.now() })
    if (state === 'ended') {
      const range = readTimeRange({ from, to })
      const toMs = range.toMs ?? clock.now()
      return answer(await archive.ended({ ward, stay, wards, fromMs: range.fromMs ?? toMs - DAY_MS, toMs, limit }))
    }
    const site = ward === undefined ? undefined : registry.now().wards.get(ward)?.site
    const away = registry.now().sites.flatMap((id) => this.#awayAlarm(id) ?? [])
    const wanted = [...away, ...this.#alarms.values()].filter(
      (alarm) => (wards === null || alarm.wardId === undefined || wards.includes(alarm.wardId)) && (state === 'open' || alarm.state === state) && (stay === undefined || alarm.stayId === stay) && (ward === undefined || alarm.wardId === ward || (alarm.wardId === undefined && alarm.site === site)),
    )
    return answer(sorted(wanted).slice(0, limit))
  }

  /** @throws AppError NOT_FOUND, DATABASE_AWAY */
  async events(id: string): Promise<AlarmEventList> {
    const alarm = this.#alarms.get(id) ?? (await this.#options.archive.find(id))
    if (!alarm) throw new AppError('NOT_FOUND', 'There is no such alarm.')
    return { alarm, events: await this.#options.archive.life(alarm) }
  }

  find(id: string): Alarm | undefined {
    return this.#alarms.get(id)
  }

  /** @throws AppError NOT_FOUND, ALARM_CHANGED, ALARM_OVER, ALARM_ENGINE_AWAY */
  async acknowledge(id: string, { seenVersion, note }: Acknowledgement, actor: Actor): Promise<Alarm> {
    return (await this.#ask({ do: 'acknowledge', alarmId: id, actor: who(actor), seenVersion, note: note ?? null })) as Alarm
  }

  /** @throws AppError NOT_FOUND, ALARM_OVER, ALARM_UNANSWERED, ALARM_ENGINE_AWAY */
  async handOver(id: string, { to, note }: HandingOver, actor: Actor): Promise<Alarm> {
    return (await this.#ask({ do: 'hand_over', alarmId: id, actor: who(actor), to, note: note ?? null })) as Alarm
  }

  /** @throws AppError NOT_FOUND, ALARM_ENGINE_AWAY */
  async changeAudio(stayIds: readonly string[], { mode, seconds, reason }: AudioChange, actor: Actor): Promise<AudioNow> {
    return (await this.#ask({ do: 'audio', stayIds, actor: who(actor), mode, forMs: seconds === undefined ? PAUSE_MS : seconds * 1_000, why: reason ?? null })) as AudioNow
  }

  /** Pauses the monitoring of a stay, or with `null` lets it go on. @throws AppError NOT_FOUND, ALARM_ENGINE_AWAY */
  async changeMonitoring(stayId: string, pause: { readonly forMs: number; readonly why: string } | null, actor: Actor): Promise<MonitoringNow> {
    return (await this.#ask({ do: 'monitoring', stayId, actor: who(actor), forMs: pause?.forMs ?? null, why: pause?.why ?? null })) as MonitoringNow
  }

  /** The patient calls; answers with the alarm that says so. @throws AppError NOT_FOUND, ALARM_ENGINE_AWAY */
  async call(stayId: string): Promise<Alarm> {
    return (await this.#ask({ do: 'call', stayId })) as Alarm
  }

  /** Resolves when the engine goes by what was changed; without an engine, at once. */
  async refresh(): Promise<void> {
    if (this.#end) await this.#ask({ do: 'refresh' }).catch(this.#options.fault)
  }

  async #ask(ask: Asked): Promise<unknown> {
    const end = this.#end
    if (!end) throw engineAway()
    const id = this.#nextId++
    const answer = new Promise((done, failed) => this.#open.set(id, { done, failed }))
    // To go by a change is no change.
    const due = ask.do === 'refresh' ? [] : this.#options.dues.entries()
    end.send({ t: 'ask', id, ask: due.length === 0 ? ask : { ...ask, due } })
    try {
      if (!(await doneWithin(this.#options.clock, ASK_LIMIT_MS, answer))) throw engineAway()
      return await answer
    } finally {
      this.#open.delete(id)
    }
  }

  #hear(end: StationEnd, message: FromEngine): void {
    if (end !== this.#end || message.t === 'hello') return
    switch (message.t) {
      case 'all': return this.#takeAll(message)
      case 'alarm': return this.#takeAlarm(message.alarm)
      case 'beat': return this.#takeBeat(message.watch)
      case 'done': return this.#open.get(message.id)?.done(message.value)
      case 'failed': return this.#open.get(message.id)?.failed(errorOf(message))
      default: return this.#takeOfStay(message)
    }
  }

  #takeOfStay(message: Extract<FromEngine, { t: 'audio' | 'monitoring' | 'news2' }>): void {
    const { stayId } = message
    if (message.t === 'audio') this.#audio.set(stayId, message.audio)
    else if (message.t === 'monitoring') this.#monitoring.set(stayId, message.monitoring)
    else if (message.news2) this.#news2.set(stayId, message.news2)
    else this.#news2.delete(stayId)
    for (const listener of this.#listeners) {
      if (message.t === 'audio') listener.audio?.(stayId, message.audio)
      else if (message.t === 'monitoring') listener.monitoring?.(stayId, message.monitoring)
      else listener.news2?.(stayId, message.news2)
    }
  }

  #takeAll({ alarms, audio, monitoring, news2, watch }: Extract<FromEngine, { t: 'all' }>): void {
    this.#alarms.clear()
    this.#audio.clear()
    this.#monitoring.clear()
    this.#news2.clear()
    for (const alarm of alarms) this.#alarms.set(alarm.id, alarm)
    for (const [stayId, value] of Object.entries(audio)) this.#audio.set(stayId, value)
    for (const [stayId, value] of Object.entries(monitoring)) this.#monitoring.set(stayId, value)
    for (const [stayId, value] of Object.entries(news2)) this.#news2.set(stayId, value)
    this.#watch = watch
    for (const listener of this.#listeners) listener.all?.()
  }

  #takeAlarm(alarm: Alarm): void {
    if (alarm.state === 'cleared') this.#alarms.delete(alarm.id)
    else this.#alarms.set(alarm.id, alarm)
    for (const listener of this.#listeners) listener.alarm?.(alarm)
  }

  #takeBeat(watch: AlarmWatch): void {
    const before = JSON.stringify({ ...this.#watch, checkedAt: '' })
    this.#watch = watch
    if (JSON.stringify({ ...watch, checkedAt: '' }) !== before) for (const listener of this.#listeners) listener.watch?.(watch)
  }

  #lost(end: StationEnd): void {
    if (end !== this.#end) return
    this.#end = undefined
    this.#watch = undefined
    this.#lostAtMs = this.#options.clock.now()
    for (const { failed } of this.#open.values()) failed(engineAway())
    // What was open stays shown; that nothing is watched any more is shown beside it.
    for (const listener of this.#listeners) listener.all?.()
  }

  /** Nobody raises alarms: that is one, and this side is the only one left to say so. */
  #awayAlarm(site: string): Alarm | undefined {
    if (this.working) return undefined
    const subject = { kind: 'site' as const, id: site }
    const since = iso(this.#lostAtMs)
    return {
      id: alarmId(subject, 'engine_away', this.#lostAtMs), subject, condition: 'engine_away', kind: 'technical', priority: 'high', state: 'active', version: 1, since, announcedAt: since,
      questionable: false, escalation: { taken: [] }, deliveries: [], site, mode: 'real', sentence: 'Alarms are not being watched',
    }
  }
}

function errorOf({ code, message, details }: Extract<FromEngine, { t: 'failed' }>): AppError {
  return new AppError(code, message, details ? { details } : {})
}

function who({ username, role, origin }: Actor): AlarmActor {
  return { user: username, role, origin }
}

function engineAway(): AppError {
  return new AppError('ALARM_ENGINE_AWAY', 'The alarm engine does not answer: no alarms are being raised. Watch the patients at the bedside; it is being started again.')
}

/** Worst first; within a priority the unanswered before the rest, and the oldest first. */
function sorted(alarms: Alarm[]): Alarm[] {
  const rank = ({ priority, state }: Alarm) => priorities.indexOf(priority) * 2 + (state === 'acknowledged' ? 0 : 1)
  return alarms.sort((a, b) => rank(b) - rank(a) || a.announcedAt.localeCompare(b.announcedAt))
}
