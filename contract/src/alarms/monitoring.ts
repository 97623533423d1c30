import { afterQuietStep, allOn, type QuietState, type QuietStep } from './quiet.ts'
import type { AlarmActor, ConditionKey, MonitoringMode } from './vocabulary.ts'

/** Whether a stay is monitored. While it is paused (bath, transport), what would be an alarm of it is held back; what is measured is shown. */
export type MonitoringState = QuietState<MonitoringMode>

export const monitored: MonitoringState = allOn

export type MonitoringEvent =
  | { readonly type: 'pause'; readonly atMs: number; readonly forMs: number; readonly by: AlarmActor; readonly why: string }
  /** Goes on: somebody says so, or the stay is no longer watched. */
  | { readonly type: 'resume'; readonly atMs: number; readonly by: AlarmActor | null; readonly why: string | null }
  | { readonly type: 'tick'; readonly atMs: number }

/** Reasons of the list; anything else was written by whoever paused it. */
export const pauseReasons = ['bath', 'transport', 'examination'] as const
export const pauseMinutes = [10, 20, 30, 60] as const
/** Nobody goes unmonitored for longer by one word; whoever needs more says so again. */
export const MOST_MONITORING_PAUSE_MS = 60 * 60_000
/** So long before its end a pause calls for somebody (`pause_ending`). */
export const PAUSE_ENDING_MS = 2 * 60_000

export const monitoringStepKinds = ['monitoring_paused', 'monitoring_resumed', 'monitoring_pause_over'] as const
export type MonitoringStepKind = (typeof monitoringStepKinds)[number]
export type MonitoringStep = QuietStep<MonitoringStepKind>

/** The step an event makes; `undefined` when it changes nothing. */
export function reactMonitoring({ mode, untilMs }: MonitoringState, event: MonitoringEvent): MonitoringStep | undefined {
  const { atMs } = event
  if (event.type === 'pause') return { what: 'monitoring_paused', atMs, by: event.by, why: event.why, untilMs: atMs + Math.min(event.forMs, MOST_MONITORING_PAUSE_MS) }
  if (mode === 'on') return undefined
  if (event.type === 'resume') return { what: 'monitoring_resumed', atMs, by: event.by, why: event.why, untilMs: null }
  return atMs >= (untilMs ?? 0) ? { what: 'monitoring_pause_over', atMs, by: null, why: null, untilMs: null } : undefined
}

export function applyMonitoringStep(state: MonitoringState, step: MonitoringStep): MonitoringState {
  return afterQuietStep(state, step, step.what === 'monitoring_paused' ? 'paused' : 'on')
}

/** The patient's own call, and the word that the pause ends, are about no value: they are told whatever is paused. */
const ALWAYS_TOLD: ReadonlySet<ConditionKey> = new Set(['patient_call', 'pause_ending'])

/** Whether a pause holds this condition back at all. */
export function isPausable(condition: ConditionKey): boolean {
  return !ALWAYS_TOLD.has(condition)
}

/** Whether nothing is judged of this condition now. */
export function isHeldBack({ mode }: MonitoringState, condition: ConditionKey): boolean {
  return mode === 'paused' && isPausable(condition)
}

export function isPauseEnding({ mode, untilMs }: MonitoringState, atMs: number): boolean {
  return mode === 'paused' && atMs >= (untilMs ?? 0) - PAUSE_ENDING_MS
}
