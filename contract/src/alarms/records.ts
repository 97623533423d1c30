import type { AudioMode, AlarmActor, AlarmPhase, ConditionKey, MonitoringMode, Subject } from './vocabulary.ts'
import type { AlarmState, StepKind } from './machine-state.ts'
import type { AudioStepKind } from './audio.ts'
import type { MonitoringStepKind } from './monitoring.ts'

/** Where the subject was when it happened; kept with the record because patients and devices move on. */
export interface AlarmPlace {
  readonly site: string
  readonly wardId: string | null
  readonly bedId: string | null
  readonly stayId: string | null
  readonly deviceId: string | null
  readonly mode: 'real' | 'test' | 'demo'
}

interface RecordBase {
  /** Writing the same record twice is harmless. */
  readonly id: string
  readonly subject: Subject
  readonly place: AlarmPlace
  /** Place in its stream, from 1. */
  readonly n: number
  /** When, on the server's clock, and on the device's where a value of it was the cause. */
  readonly atMs: number
  readonly deviceMs: number | null
  readonly by: AlarmActor | null
  readonly why: string | null
}

/** One line of the append-only log about one alarm. */
export interface AlarmRecord extends RecordBase {
  readonly stream: 'alarm'
  readonly alarmId: string
  readonly condition: ConditionKey
  readonly what: StepKind
  readonly to: AlarmPhase
  readonly set: Readonly<Partial<AlarmState>>
}

/** One line about the audio of a stay. */
export interface AudioRecord extends RecordBase {
  readonly stream: 'audio'
  readonly what: AudioStepKind
  readonly to: AudioMode
  readonly untilMs: number | null
}

/** One line about whether a stay is monitored. */
export interface MonitoringRecord extends RecordBase {
  readonly stream: 'monitoring'
  readonly what: MonitoringStepKind
  readonly to: MonitoringMode
  readonly untilMs: number | null
}

export type AlarmLogRecord = AlarmRecord | AudioRecord | MonitoringRecord
