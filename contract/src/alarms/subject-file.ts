import type { SignalName } from '../catalogue.ts'
import { type AudioState, audioOn } from './audio.ts'
import type { Limit } from './limits.ts'
import { monitored, type MonitoringState } from './monitoring.ts'
import { type AlarmRule, type AlarmState, normalState } from './machine-state.ts'
import type { Dated, News2Now, News2Sources } from './news2.ts'
import type { AlarmPlace } from './records.ts'
import { type LimitWatch, limitWatches, type RuleOptions } from './rules.ts'
import type { LimitSet } from './limits.ts'
import type { ConditionKey, Subject } from './vocabulary.ts'

/** What the engine is told of one subject. Given again whenever any of it changes. */
export interface WatchedSubject {
  readonly subject: Subject
  readonly place: AlarmPlace
  /** In force now; absent for everything but a stay. */
  readonly limits?: LimitSet
  /** Conditions switched off, technical ones too. */
  readonly off: ReadonlySet<ConditionKey>
  readonly rules: RuleOptions
  /** Typed in, with its time. */
  readonly typed?: News2Sources['typed']
  readonly news2Scale?: 1 | 2
}

/** One condition under way or possible. */
export interface Machine {
  readonly key: ConditionKey
  rule: AlarmRule
  state: AlarmState
  /** Of the episode under way; '' in `normal`. */
  alarmId: string
}

/** Everything kept of one subject: its machines, when each signal was last heard, its audio. */
export interface SubjectFile {
  watched: WatchedSubject
  watches: readonly { readonly watch: LimitWatch; readonly machine: Machine }[]
  rates: readonly { readonly signal: SignalName; readonly machine: Machine; readonly limit: Limit; readonly past: Dated<number>[] }[]
  readonly machines: Map<ConditionKey, Machine>
  audio: AudioState
  monitoring: MonitoringState
  /** When each signal last said something, value or absence, on the server's clock. */
  readonly heard: Map<SignalName, number>
  readonly measured: Partial<Record<'respRate' | 'spo2' | 'pulse' | 'temp' | 'sys', Dated<number>>>
  news2: News2Now | undefined
}

export function openFile(watched: WatchedSubject): SubjectFile {
  const file: SubjectFile = { watched, watches: [], rates: [], machines: new Map(), audio: audioOn, monitoring: monitored, heard: new Map(), measured: {}, news2: undefined }
  furnish(file, watched)
  return file
}

/** Takes over new limits; machines keep their states, also those that are no longer watched: the book withdraws them. */
export function furnish(file: SubjectFile, watched: WatchedSubject): void {
  file.watched = watched
  const { limits, off, rules } = watched
  if (!limits) return
  file.watches = limitWatches(limits, rules).filter(({ key }) => !off.has(key)).map((watch) => ({ watch, machine: machineOf(file, watch.key, watch.rule) }))
  file.rates = (['spo2', 'pr', 'rr', 'temp'] as const).flatMap((signal) => {
    const limit = limits[`rate:${signal}`]
    if (!limit || off.has(`rate:${signal}`)) return []
    const before = file.rates.find((rate) => rate.signal === signal)?.past ?? []
    const [watch] = limitWatches({ ...limits, 'high:spo2': limit }, rules).filter(({ key }) => key === 'high:spo2')
    return watch ? [{ signal, limit, past: before, machine: machineOf(file, `rate:${signal}`, { ...watch.rule, worseBy: limit.value / 2 }) }] : []
  })
}

/** The machine of a condition, made when it is first needed. */
export function machineOf(file: SubjectFile, key: ConditionKey, rule: AlarmRule): Machine {
  const known = file.machines.get(key)
  if (known) {
    known.rule = rule
    return known
  }
  const machine: Machine = { key, rule, state: normalState, alarmId: '' }
  file.machines.set(key, machine)
  return machine
}

/** Whether a limit of this condition is being watched now. */
export function isWatched(file: SubjectFile, key: ConditionKey): boolean {
  const { limits, off } = file.watched
  if (off.has(key)) return false
  return limits === undefined || !(key in limits) || limits[key as keyof LimitSet] !== null
}
