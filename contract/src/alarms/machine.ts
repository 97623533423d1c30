import { onAbsent, onAcknowledge, onHandOver, onResume, onTick, onValue, onWithdraw, type Refusal } from './machine-events.ts'
import { type AlarmEvent, type AlarmRule, type AlarmState, effectOf, type Effect, isByItself, normalState, type Step } from './machine-state.ts'

export interface Outcome {
  readonly state: AlarmState
  /** In order; an event without any leaves the state as it was. */
  readonly steps: readonly Step[]
  readonly refusal?: Refusal
}

/** The state after one step. The log is the steps; replaying them is this function, over and over. */
export function applyStep(state: AlarmState, step: Step): AlarmState {
  if (step.to === 'normal') return { ...normalState, version: step.set.version ?? state.version }
  const base = state.phase === 'normal' ? normalState : state
  return { ...base, ...step.set, phase: step.to, n: base.n + 1 }
}

const NOTHING: readonly Step[] = []

/** One event, however many steps it makes. Pure: no clock, no identity, nothing kept. */
export function react(before: AlarmState, event: AlarmEvent, rule: AlarmRule): Outcome {
  let state = before
  let steps: Step[] | undefined
  for (;;) {
    const answer = answerOf(state, event, rule, steps !== undefined)
    if (answer === undefined) return { state, steps: steps ?? NOTHING }
    if (typeof answer === 'string') return { state, steps: steps ?? NOTHING, refusal: answer }
    steps ??= []
    steps.push(answer)
    state = applyStep(state, answer)
  }
}

/** What a person did, and the end of a pause, is one step; a value or the time may make several. */
function answerOf(state: AlarmState, event: AlarmEvent, rule: AlarmRule, answered: boolean): Step | Refusal | undefined {
  if (answered && !isByItself(event)) return undefined
  switch (event.type) {
    case 'value': return onValue(state, event, rule) ?? onTick(state, event.atMs, rule)
    case 'absent': return onAbsent(state, event.atMs) ?? onTick(state, event.atMs, rule)
    case 'tick': return onTick(state, event.atMs, rule)
    case 'acknowledge': return onAcknowledge(state, event)
    case 'hand_over': return onHandOver(state, event)
    case 'resume': return onResume(state, event.atMs)
    case 'withdraw': return onWithdraw(state, event)
  }
}

/** The state that a log leads to. */
export function replay(steps: readonly Step[], from: AlarmState = normalState): AlarmState {
  return steps.reduce(applyStep, from)
}

/** Effects of what happened, in order. Given after the steps are written down. */
export function effectsOf(steps: readonly Step[]): readonly Effect[] {
  return steps.flatMap((step) => effectOf(step.what) ?? [])
}
