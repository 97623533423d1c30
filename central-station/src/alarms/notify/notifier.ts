import { type Alarm, type Clock, type Delivery, isAppError, type Stop } from '@vigil/contract'
import { defaultEscalation, type Escalation, FIRST_STEP, isHigher, type Priority, recordId, type StepKind, UNHEARD_STEP } from '@vigil/contract/alarms'
import type { Log } from '@vigil/program'
import type { CacheFile } from '../../files/cache-file.ts'
import { iso } from '../../iso.ts'
import type { AlarmLine, NoticeLine } from '../log/alarm-line.ts'
import { RETRY_MS } from '../../outbound/retry-ladder.ts'
import { type Notice, sendNotice, type Sent } from './adapters.ts'
import { gather, type Gathered } from './gather.ts'
import { highest, noticeLine, noticeTitle } from './notice-text.ts'
import type { Recipient } from './recipients.ts'

/** Tells people who are not in front of a screen. */
export interface Notifier {
  /** Something happened to an alarm. */
  told(alarm: Alarm, what: StepKind, escalation: number): void
  /** Once a second: a high alarm that nobody can hear goes to the charge nurse. */
  sweep(open: readonly Alarm[], armed: Readonly<Record<string, number>>): void
  deliveries(alarmId: string): readonly Delivery[]
  onDelivery(listener: (alarmId: string) => void): Stop
  /** After a restart: what was announced and may not have gone out. */
  takeUp(open: readonly Alarm[]): void
  stop(): void
}

export interface NotifierOptions {
  readonly recipients: readonly Recipient[]
  readonly escalation: Escalation | undefined
  readonly cache: CacheFile
  /** What went out before, as PostgreSQL has it; instead of what this machine knew. */
  readonly known?: readonly NoticeLine[] | undefined
  readonly write: (lines: readonly AlarmLine[]) => void
  /** Whether this engine is the one that judges; until it knows, nothing goes out. */
  readonly maySpeak?: () => boolean
  readonly clock: Clock
  readonly log: Log
  readonly send?: (recipient: Recipient, notice: Notice, clock: Clock) => Promise<Sent>
}

/** A screen that reloads gets this long before somebody is called; with the sweep it stays below the 10 s of `UNHEARD_MS`. */
const UNHEARD_AFTER_MS = 6_000
/** Looks again whether it may speak. */
const HOLD_MS = 500
/** Told to whoever comes first, whoever has it. */
const rings: ReadonlySet<StepKind> = new Set<StepKind>(['announced', 'recurred', 're_alarmed'])
const PART = 'notices'
const KEEP = 2_000

export class EscalatingNotifier implements Notifier {
  readonly #options: NotifierOptions
  readonly #gatherer: ReturnType<typeof gather>
  readonly #lines = new Map<string, NoticeLine[]>()
  readonly #listeners = new Set<(alarmId: string) => void>()
  /** Answered, or over. */
  readonly #over = new Set<string>()
  readonly #toldAs = new Map<string, Priority>()
  readonly #unheard = new Set<string>()
  /** When a screen of a ward was last there; before this engine began nothing is known of it. */
  readonly #heardAtMs = new Map<string, number>()
  readonly #startedMs: number
  readonly #retries = new Set<Stop>()
  #isOver = false

  constructor(options: NotifierOptions) {
    this.#options = options
    this.#startedMs = options.clock.now()
    this.#gatherer = gather(options.clock, (gathered) => this.#send(gathered))
    for (const line of options.known ?? []) this.#lines.set(line.alarmId, [...(this.#lines.get(line.alarmId) ?? []), line])
    if (!options.known) for (const [alarmId, lines] of (options.cache.read(PART) as [string, NoticeLine[]][] | undefined) ?? []) this.#lines.set(alarmId, lines)
  }

  told(alarm: Alarm, what: StepKind, escalation: number): void {
    if (rings.has(what) || (what === 'worsened' && this.#isNews(alarm))) this.#gatherer.add(FIRST_STEP, alarm)
    else if (what === 'escalated') this.#gatherer.add((this.#options.escalation ?? defaultEscalation)[alarm.priority][escalation - 1]?.name ?? FIRST_STEP, alarm)
    this.#remember(alarm)
  }

  /** Worse than what somebody answered for, or more urgent than what was told. Each step down of one that nobody has answered is not. */
  #isNews({ id, priority }: Alarm): boolean {
    return this.#over.has(id) || isHigher(priority, this.#toldAs.get(id) ?? priority)
  }

  #remember({ id, state, priority }: Alarm): void {
    if (state === 'active') {
      this.#over.delete(id)
      this.#toldAs.set(id, priority)
      return
    }
    // When it rings again where nobody hears, somebody is called again.
    this.#unheard.delete(id)
    this.#toldAs.delete(id)
    this.#over.add(id)
    while (this.#over.size > KEEP) this.#over.delete(this.#over.values().next().value ?? '')
  }

  sweep(open: readonly Alarm[], armed: Readonly<Record<string, number>>): void {
    const now = this.#options.clock.now()
    for (const [ward, count] of Object.entries(armed)) if (count > 0) this.#heardAtMs.set(ward, now)
    for (const alarm of open) {
      if (alarm.priority !== 'high' || !isCalling(alarm) || this.#unheard.has(alarm.id)) continue
      const deafSinceMs = alarm.wardId === undefined ? 0 : (this.#heardAtMs.get(alarm.wardId) ?? this.#startedMs)
      if (now - Math.max(Date.parse(alarm.announcedAt), deafSinceMs) < UNHEARD_AFTER_MS) continue
      this.#unheard.add(alarm.id)
      this.#send({ step: UNHEARD_STEP, alarms: [alarm] }, 'no screen of this ward will be heard')
    }
  }

  deliveries(alarmId: string): readonly Delivery[] {
    return (this.#lines.get(alarmId) ?? []).map(toDelivery)
  }

  onDelivery(listener: (alarmId: string) => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  takeUp(open: readonly Alarm[]): void {
    for (const alarm of open) {
      this.#remember(alarm)
      if (!isCalling(alarm)) continue
      const gone = (this.#lines.get(alarm.id) ?? []).filter(({ state }) => state === 'sent' || state === 'delivered')
      const sinceMs = this.#unansweredSinceMs(alarm)
      const isTold = (step: string) => gone.some((line) => line.step === step && (step === FIRST_STEP || line.atMs >= sinceMs))
      // Each step that was taken, also one that was written down a moment before its notice would have gone.
      for (const step of alarm.escalation.taken) if (!isTold(step)) this.#gatherer.add(step, alarm)
      if (isTold(UNHEARD_STEP)) this.#unheard.add(alarm.id)
    }
  }

  /** Since when it rings in vain, from when its next step is due; since it was announced where there is none. */
  #unansweredSinceMs({ priority, escalation: { taken, nextAt }, announcedAt }: Alarm): number {
    const next = (this.#options.escalation ?? defaultEscalation)[priority][taken.length - 1]
    return nextAt === undefined || next === undefined ? Date.parse(announcedAt) : Date.parse(nextAt) - next.afterMs
  }

  stop(): void {
    this.#isOver = true
    this.#gatherer.stop()
    for (const stop of this.#retries) stop()
  }

  #send({ step, alarms }: Gathered, because?: string): void {
    for (const recipient of this.#options.recipients) {
      if (recipient.step !== step) continue
      const mine = alarms.filter(({ wardId }) => recipient.wards === undefined || wardId === undefined || recipient.wards.includes(wardId))
      if (mine.length > 0) void this.#try(recipient, noticeFor(recipient, step, mine, this.#options.clock.now(), because), 0)
    }
  }

  async #try(recipient: Recipient, notice: Notice, tries: number): Promise<void> {
    const { clock, log, send = sendNotice, maySpeak } = this.#options
    if (maySpeak?.() === false) return this.#later(recipient, notice, tries, HOLD_MS)
    try {
      this.#note(recipient, notice, { state: await send(recipient, notice, clock), tries: tries + 1, why: null })
    } catch (error) {
      const why = isAppError(error) ? error.message : 'a fault of ours'
      const delayMs = RETRY_MS[tries]
      const unneeded = notice.alarmIds.every((id) => this.#over.has(id))
      log.warn({ recipient: recipient.name, step: notice.step, tries: tries + 1, why }, 'notice.not_sent')
      if (delayMs === undefined || unneeded) return this.#note(recipient, notice, { state: 'failed', tries: tries + 1, why })
      this.#note(recipient, notice, { state: 'waiting', tries: tries + 1, why })
      this.#later(recipient, notice, tries + 1, delayMs)
    }
  }

  #later(recipient: Recipient, notice: Notice, tries: number, delayMs: number): void {
    // A try that was under way when this engine stood down: whoever judges now tells it.
    if (this.#isOver) return
    const stop = this.#options.clock.after(delayMs, () => {
      this.#retries.delete(stop)
      void this.#try(recipient, notice, tries)
    })
    this.#retries.add(stop)
  }

  #note(recipient: Recipient, notice: Notice, how: Pick<NoticeLine, 'state' | 'tries' | 'why'>): void {
    const { clock, cache, write } = this.#options
    const atMs = clock.now()
    const lines: AlarmLine[] = notice.alarmIds.map((alarmId) => {
      const id = recordId(`notice|${alarmId}|${recipient.name}|${notice.id}`, 1, 0)
      const record: NoticeLine = { stream: 'notice', id, alarmId, recipient: recipient.name, step: notice.step, channel: recipient.channel, atMs, ...how }
      this.#lines.set(alarmId, [...(this.#lines.get(alarmId) ?? []).filter((line) => line.id !== id), record])
      return { id, record, episode: null }
    })
    while (this.#lines.size > KEEP) this.#lines.delete(this.#lines.keys().next().value ?? '')
    cache.put(PART, [...this.#lines])
    write(lines)
    for (const alarmId of notice.alarmIds) for (const listener of this.#listeners) listener(alarmId)
  }
}

/** Unanswered, and not held back by a pause of monitoring. */
function isCalling({ state, pausedSince }: Alarm): boolean {
  return state === 'active' && pausedSince === undefined
}

export function toDelivery({ recipient, step, channel, state, tries, atMs, why }: NoticeLine): Delivery {
  return { recipient, step, channel, state, tries, at: iso(atMs), ...(why === null ? {} : { why }) }
}

function noticeFor({ names = false }: Recipient, step: string, alarms: readonly Alarm[], nowMs: number, because: string | undefined): Notice {
  return {
    id: recordId(`${step}|${alarms.map(({ id, version }) => `${id}.${version}`).join(',')}`, alarms.length, nowMs),
    step,
    priority: highest(alarms),
    title: noticeTitle(alarms, names),
    lines: [...alarms.map((alarm) => noticeLine(alarm, names)), ...(because === undefined ? [] : [`Why you: ${because}.`])],
    alarmIds: alarms.map(({ id }) => id),
  }
}
