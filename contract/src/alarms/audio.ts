import { afterQuietStep, allOn, type QuietState, type QuietStep } from './quiet.ts'
import type { AlarmActor, AudioMode } from './vocabulary.ts'

/** Whether the alarms of one stay sound. What is shown never depends on it. */
export type AudioState = QuietState<AudioMode>

export const audioOn: AudioState = allOn

export type AudioEvent =
  | { readonly type: 'pause'; readonly atMs: number; readonly forMs: number; readonly by: AlarmActor; readonly why: string | null }
  | { readonly type: 'off'; readonly atMs: number; readonly by: AlarmActor; readonly why: string }
  | { readonly type: 'on'; readonly atMs: number; readonly by: AlarmActor; readonly why: string | null }
  /** A new or worse condition: it ends a pause, not an audio off. */
  | { readonly type: 'announced'; readonly atMs: number }
  | { readonly type: 'tick'; readonly atMs: number }

export const PAUSE_MS = 120_000
export const MOST_PAUSE_MS = 10 * 60_000

export const audioStepKinds = ['audio_paused', 'audio_off', 'audio_on', 'pause_broken', 'pause_over'] as const
export type AudioStepKind = (typeof audioStepKinds)[number]

export type AudioStep = QuietStep<AudioStepKind>

/** The step an event makes; `undefined` when it changes nothing. */
export function reactAudio(state: AudioState, event: AudioEvent): AudioStep | undefined {
  const plain = { atMs: event.atMs, by: null, why: null, untilMs: null }
  switch (event.type) {
    case 'pause': return { ...plain, what: 'audio_paused', by: event.by, why: event.why, untilMs: event.atMs + Math.min(event.forMs, MOST_PAUSE_MS) }
    case 'off': return { ...plain, what: 'audio_off', by: event.by, why: event.why }
    case 'on': return state.mode === 'on' ? undefined : { ...plain, what: 'audio_on', by: event.by, why: event.why }
    case 'announced': return state.mode === 'paused' ? { ...plain, what: 'pause_broken' } : undefined
    case 'tick': return state.mode === 'paused' && event.atMs >= (state.untilMs ?? 0) ? { ...plain, what: 'pause_over' } : undefined
  }
}

const modeAfter: Readonly<Record<AudioStepKind, AudioMode>> = { audio_paused: 'paused', audio_off: 'off', audio_on: 'on', pause_broken: 'on', pause_over: 'on' }

export function applyAudioStep(state: AudioState, step: AudioStep): AudioState {
  return afterQuietStep(state, step, modeAfter[step.what])
}
