import type { SignalName } from '../catalogue.ts'
import { applyAudioStep, type AudioEvent, audioOn, type AudioState, reactAudio } from './audio.ts'
import { type HeldAlarm, isOpen, toHeld } from './held-alarm.ts'
import { alarmId, recordId } from './identity.ts'
import { type AlarmSample, judgeAgainstLimits, judgeBattery, judgeRates, judgeSensors, lasting, remember } from './judge-sample.ts'
import { judgeScore } from './judge-score.ts'
import { judgeSilence, type SilenceOptions } from './judge-silence.ts'
import { applyStep, react } from './machine.ts'
import type { Refusal } from './machine-events.ts'
import { type AcknowledgeEvent, type AlarmEvent, type AlarmState, type HandOverEvent, effectOf, isByItself } from './machine-state.ts'
import { applyMonitoringStep, isHeldBack, isPausable, isPauseEnding, type MonitoringEvent, type MonitoringState, monitored, reactMonitoring } from './monitoring.ts'
import type { News2Now } from './news2.ts'
import type { AlarmLogRecord, AlarmRecord } from './records.ts'
import { loggedRule, ruleOf, technicalRule, type TechnicalType } from './rules.ts'
import { furnish, isWatched, type Machine, machineOf, openFile, type SubjectFile, type WatchedSubject } from './subject-file.ts'
import { type ConditionKey, type Priority, subjectKey } from './vocabulary.ts'

/**
 * Every alarm of a site, in memory. What happens comes in as events with their time, what follows goes out as lines of the log,
 * before anybody is told. Nothing else changes a state, so replaying the lines (`restore`) gives the same book.
 */
export class AlarmBook {
  readonly #files = new Map<string, SubjectFile>()
  /** Whatever time alone can change. */
  readonly #hot = new Map<Machine, SubjectFile>()
  /** Sound or monitoring paused: the time ends it. */
  readonly #paused = new Set<SubjectFile>()
  readonly #byAlarm = new Map<string, { readonly file: SubjectFile; readonly machine: Machine }>()
  readonly #emit: (record: AlarmLogRecord) => void
  #deviceMs: number | null = null

  constructor(emit: (record: AlarmLogRecord) => void) {
    this.#emit = emit
  }

  /** Begins to watch, or takes over what changed; what is no longer watched is withdrawn. */
  watch(watched: WatchedSubject, atMs: number): void {
    const key = subjectKey(watched.subject)
    const file = this.#files.get(key)
    if (!file) return void this.#files.set(key, openFile(watched))
    const otherDevice = file.watched.place.deviceId !== watched.place.deviceId
    furnish(file, watched)
    if (otherDevice) this.#forgetSignals(file)
    for (const machine of file.machines.values()) {
      if (machine.state.phase === 'normal') continue
      if (otherDevice && machine.key !== 'news2') this.#tell(file, machine, { type: 'withdraw', atMs, why: 'another device', by: null })
      else if (!isWatched(file, machine.key)) this.#tell(file, machine, { type: 'withdraw', atMs, why: 'no longer watched', by: null })
    }
  }

  forget(key: string, atMs: number, why: string): void {
    const file = this.#files.get(key)
    if (!file) return
    for (const machine of file.machines.values()) this.#tell(file, machine, { type: 'withdraw', atMs, why, by: null })
    this.#monitor(file, { type: 'resume', atMs, by: null, why })
    this.#paused.delete(file)
    this.#files.delete(key)
  }

  /** Ends an alarm that turned out to be none, whatever its priority. */
  withdraw(key: string, condition: ConditionKey, atMs: number, why: string): void {
    const file = this.#files.get(key)
    const machine = file?.machines.get(condition)
    if (file && machine) this.#tell(file, machine, { type: 'withdraw', atMs, why, by: null })
  }

  subjects(): Iterable<string> {
    return this.#files.keys()
  }

  has(key: string): boolean {
    return this.#files.has(key)
  }

  /** A telemetry object of the live lane. */
  sample(key: string, sample: AlarmSample): void {
    const file = this.#files.get(key)
    if (!file) return
    this.#deviceMs = sample.measuredMs ?? null
    remember(file, sample)
    judgeAgainstLimits(file, sample, this.#tell)
    if (file.rates.length > 0) judgeRates(file, sample, this.#tell)
    judgeSensors(file, sample, this.#tell)
    judgeBattery(file, sample, this.#tell)
    this.#deviceMs = null
  }

  /** A technical condition somebody looked for: there, or not. */
  judge(key: string, type: TechnicalType, there: boolean, atMs: number, value: number | null = null): void {
    this.#judge(key, type, { there, covered: false, atMs, value })
  }

  /** A technical condition that is there while a wider alarm stands for it: written down, told to nobody. */
  cover(key: string, type: TechnicalType, atMs: number, value: number | null = null): void {
    this.#judge(key, type, { there: true, covered: true, atMs, value })
  }

  #judge(key: string, type: TechnicalType, { there, covered, atMs, value }: { there: boolean; covered: boolean; atMs: number; value: number | null }): void {
    const file = this.#files.get(key)
    if (!file) return
    const known = file.machines.get(type)
    if (!there && (known === undefined || known.state.phase === 'normal')) return
    if (file.watched.off.has(type)) return
    const machine = known ?? machineOf(file, type, technicalRule(type, file.watched.rules))
    this.#tell(file, machine, { ...lasting(machine, there, atMs, value), covered })
  }

  /** What a monitor says of an alarm of its own: there or not, and how urgent it is. */
  report(key: string, condition: ConditionKey, { there, priority, atMs, value }: { there: boolean; priority: Priority; atMs: number; value: number | null }): void {
    const file = this.#files.get(key)
    const known = file?.machines.get(condition)
    if (!file || (!there && (!known || known.state.phase === 'normal')) || file.watched.off.has(condition)) return
    const machine = there ? machineOf(file, condition, { ...ruleOf({ priority, delayMs: 0 }, { ...file.watched.rules, worse: 'higher', worseBy: Infinity }), clearMs: 0 }) : (known as Machine)
    this.#tell(file, machine, { type: 'value', verdict: there ? 'violated' : 'within', atMs, value, limit: null, questionable: false, priority })
  }

  /** Signals that were there and stopped, whatever the transport says. */
  listenForSilence(atMs: number, options: SilenceOptions): void {
    for (const [key, file] of this.#files) judgeSilence(file, key, { atMs, ...options }, this.#tell)
  }

  /** The scores, from what is known now. */
  score(atMs: number): void {
    for (const file of this.#files.values()) judgeScore(file, atMs, this.#tell)
  }

  /** Lets time pass: onsets, escalations, re-alarms, ends of pauses. */
  tick(atMs: number): void {
    for (const [machine, file] of this.#hot) this.#tell(file, machine, { type: 'tick', atMs })
    for (const file of this.#paused) {
      this.#audio(file, { type: 'tick', atMs })
      this.#monitor(file, { type: 'tick', atMs })
      this.#remind(file, atMs)
    }
  }

  /** `undefined`: it is done. */
  acknowledge(id: string, event: Omit<AcknowledgeEvent, 'type'>): Refusal | undefined {
    const found = this.#byAlarm.get(id)
    return found ? this.#tell(found.file, found.machine, { type: 'acknowledge', ...event }) : 'not_announced'
  }

  /** `undefined`: it is done, or it is theirs already. */
  handOver(id: string, event: Omit<HandOverEvent, 'type'>): Refusal | undefined {
    const found = this.#byAlarm.get(id)
    return found ? this.#tell(found.file, found.machine, { type: 'hand_over', ...event }) : 'not_announced'
  }

  /** False when nobody of this name is watched. */
  changeAudio(key: string, event: AudioEvent): boolean {
    const file = this.#files.get(key)
    if (file) this.#audio(file, event)
    return file !== undefined
  }

  audio(key: string): AudioState {
    return this.#files.get(key)?.audio ?? audioOn
  }

  /** False when nobody of this name is watched. */
  changeMonitoring(key: string, event: MonitoringEvent): boolean {
    const file = this.#files.get(key)
    if (file) this.#monitor(file, event)
    return file !== undefined
  }

  monitoring(key: string): MonitoringState {
    return this.#files.get(key)?.monitoring ?? monitored
  }

  news2(key: string): News2Now | undefined {
    return this.#files.get(key)?.news2
  }

  watched(key: string): WatchedSubject | undefined {
    return this.#files.get(key)?.watched
  }

  held(id: string): HeldAlarm | undefined {
    const found = this.#byAlarm.get(id)
    return found && toHeld(found)
  }

  heldBy(key: string, condition: ConditionKey): HeldAlarm | undefined {
    const file = this.#files.get(key)
    const machine = file?.machines.get(condition)
    return file && machine && machine.state.phase !== 'normal' ? toHeld({ file, machine }) : undefined
  }

  /** Everything that is not normal, pending included. */
  *all(): Iterable<HeldAlarm> {
    for (const found of this.#byAlarm.values()) yield toHeld(found)
  }

  isOpen(key: string, condition: ConditionKey): boolean {
    return isOpen(this.#files.get(key)?.machines.get(condition))
  }

  /** When each signal was last heard, to be given back after a restart. */
  heard(key: string): ReadonlyMap<SignalName, number> | undefined {
    return this.#files.get(key)?.heard
  }

  rememberHeard(key: string, heard: Iterable<readonly [SignalName, number]>): void {
    const file = this.#files.get(key)
    for (const [signal, atMs] of heard) if (file && !file.heard.has(signal)) file.heard.set(signal, atMs)
  }

  /** Takes up lines of the log, oldest first, for subjects that are watched. Nothing is emitted. */
  restore(records: Iterable<AlarmLogRecord>): void {
    for (const record of records) {
      const file = this.#files.get(subjectKey(record.subject))
      if (!file) continue
      if (record.stream === 'audio') file.audio = applyAudioStep(file.audio, record)
      else if (record.stream === 'monitoring') file.monitoring = applyMonitoringStep(file.monitoring, record)
      else {
        const machine = file.machines.get(record.condition) ?? machineOf(file, record.condition, loggedRule(record.condition, file.watched.rules))
        this.#settle(file, machine, applyStep(machine.state, record), record.alarmId)
      }
      this.#noteTimed(file)
    }
  }

  readonly #tell = (file: SubjectFile, machine: Machine, event: AlarmEvent): Refusal | undefined => {
    if (isByItself(event) && isHeldBack(file.monitoring, machine.key)) return undefined
    const { steps, refusal } = react(machine.state, event, machine.rule)
    for (const step of steps) {
      const id = machine.state.phase === 'normal' ? alarmId(file.watched.subject, machine.key, step.atMs) : machine.alarmId
      const { n } = machine.state
      const record: AlarmRecord = {
        stream: 'alarm', id: recordId(id, n + 1, step.atMs), alarmId: id, subject: file.watched.subject, place: file.watched.place,
        condition: machine.key, n: n + 1, deviceMs: this.#deviceMs, ...step,
      }
      this.#settle(file, machine, applyStep(machine.state, step), id)
      this.#emit(record)
      if (effectOf(step.what) === 'announce') this.#audio(file, { type: 'announced', atMs: step.atMs })
    }
    return refusal
  }

  #settle(file: SubjectFile, machine: Machine, state: AlarmState, id: string): void {
    machine.state = state
    if (state.phase === 'normal') {
      this.#hot.delete(machine)
      this.#byAlarm.delete(id)
      machine.alarmId = ''
    } else {
      machine.alarmId = id
      this.#hot.set(machine, file)
      this.#byAlarm.set(id, { file, machine })
    }
  }

  #audio(file: SubjectFile, event: AudioEvent): void {
    const step = reactAudio(file.audio, event)
    if (!step) return
    file.audio = applyAudioStep(file.audio, step)
    this.#noteTimed(file)
    this.#emit({ stream: 'audio', to: file.audio.mode, ...lineOf(file, 'audio', step.atMs), ...step })
  }

  /** What was on its way is told to nobody when a pause begins; what was told stands still, and is counted anew from its end on. */
  #monitor(file: SubjectFile, event: MonitoringEvent): void {
    const step = reactMonitoring(file.monitoring, event)
    if (!step) return
    file.monitoring = applyMonitoringStep(file.monitoring, step)
    this.#noteTimed(file)
    this.#emit({ stream: 'monitoring', to: file.monitoring.mode, ...lineOf(file, 'monitoring', step.atMs), ...step })
    for (const machine of file.machines.values()) {
      if (!isPausable(machine.key)) continue
      if (step.what !== 'monitoring_paused') this.#tell(file, machine, { type: 'resume', atMs: step.atMs })
      else if (machine.state.phase === 'pending') this.#tell(file, machine, { type: 'withdraw', atMs: step.atMs, why: 'monitoring is paused', by: null })
    }
    this.#remind(file, step.atMs)
  }

  #remind(file: SubjectFile, atMs: number): void {
    this.judge(subjectKey(file.watched.subject), 'pause_ending', isPauseEnding(file.monitoring, atMs), atMs)
  }

  #noteTimed(file: SubjectFile): void {
    if (file.audio.mode === 'paused' || file.monitoring.mode === 'paused') this.#paused.add(file)
    else this.#paused.delete(file)
  }

  #forgetSignals(file: SubjectFile): void {
    file.heard.clear()
    for (const part of Object.keys(file.measured)) delete file.measured[part as keyof typeof file.measured]
  }
}

/** What a line about the sound or the monitoring of a subject says beside what happened. */
function lineOf(file: SubjectFile, stream: 'audio' | 'monitoring', atMs: number) {
  const [{ subject, place }, { n }] = [file.watched, file[stream]]
  return { id: recordId(`${stream}|${subjectKey(subject)}`, n, atMs), subject, place, n, deviceMs: null }
}
