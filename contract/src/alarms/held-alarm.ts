import type { AlarmState } from './machine-state.ts'
import { isHeldBack } from './monitoring.ts'
import type { Machine, SubjectFile, WatchedSubject } from './subject-file.ts'
import type { ConditionKey } from './vocabulary.ts'

/** One alarm or pending condition, as the engine holds it. */
export interface HeldAlarm {
  readonly alarmId: string
  readonly condition: ConditionKey
  readonly watched: WatchedSubject
  readonly state: AlarmState
  /** Monitoring of its patient is paused since then: it stands as it stood, unheard. */
  readonly pausedSinceMs: number | null
}

export function toHeld({ file, machine }: { readonly file: SubjectFile; readonly machine: Machine }): HeldAlarm {
  const { alarmId, key, state } = machine
  return { alarmId, condition: key, watched: file.watched, state, pausedSinceMs: isHeldBack(file.monitoring, key) ? file.monitoring.sinceMs : null }
}

/** Told to somebody, and not over. */
export function isOpen(machine: Machine | undefined): boolean {
  return machine !== undefined && machine.state.phase !== 'normal' && machine.state.phase !== 'pending'
}
