import type { AcknowledgeEvent, AlarmRule, AlarmState, HandOverEvent, Judged, Step, StepKind, ValueEvent, WithdrawEvent } from './machine-state.ts'
import { type AlarmPhase, isHigher, type Priority } from './vocabulary.ts'

/** Questionable values hold an alarm back, and keep one open, at most so long; and so long a condition outlasts values that cannot be had. */
export const HOLD_MS = 30_000
/** After so long without any value an alarm is over: what is left is the technical alarm about the silence. */
export const ABSENT_ENDS_MS = 60_000

/** Why a condition that is there is told to nobody: it is one of many with one cause, and that has an alarm. */
const COVERED = 'one of many: a wider alarm stands for it'

export type Refusal = 'not_announced' | 'changed' | 'not_owned'

const step = (what: StepKind, to: AlarmPhase, atMs: number, set: Step['set'] = {}, rest: Partial<Step> = {}): Step => ({ what, to, atMs, set, by: null, why: null, ...rest })

export function onValue(state: AlarmState, event: ValueEvent, rule: AlarmRule): Step | undefined {
  if (state.absentSinceMs !== null) return step('measurable', state.phase, event.atMs, { absentSinceMs: null })
  switch (state.phase) {
    case 'normal': return event.verdict === 'violated' ? began(event, rule) : undefined
    case 'pending': return event.verdict === 'violated' ? pendingValue(state, event) : step('cancelled', 'normal', event.atMs)
    case 'active':
    case 'acknowledged': return joined(state, event) ?? openValue(state, event, rule)
    case 'latched': return latchedValue(state, event)
  }
}

function began(event: Judged, rule: AlarmRule): Step {
  const { atMs, value, limit, questionable, covered = false } = event
  return step('began', 'pending', atMs, {
    sinceMs: atMs, value, worst: value, limit, priority: event.priority ?? rule.priority, heldSinceMs: questionable ? atMs : null, ...(covered ? { coveredSinceMs: atMs } : {}),
  }, covered ? { why: COVERED } : {})
}

function pendingValue(state: AlarmState, { atMs, questionable, covered = false }: Judged): Step | undefined {
  if (covered !== (state.coveredSinceMs !== null)) return covered ? step('covered', 'pending', atMs, { coveredSinceMs: atMs }, { why: COVERED }) : step('uncovered', 'pending', atMs, { coveredSinceMs: null })
  if (questionable && state.heldSinceMs === null) return step('held', 'pending', atMs, { heldSinceMs: atMs })
  return !questionable && state.heldSinceMs !== null ? step('confirmed', 'pending', atMs, { heldSinceMs: null }) : undefined
}

function openValue(state: AlarmState, event: ValueEvent, rule: AlarmRule): Step | undefined {
  const { verdict, atMs, questionable } = event
  if (verdict === 'within') {
    if (state.recoveringSinceMs !== null && state.recoveringOnQuestionable === questionable) return undefined
    return step('recovering', state.phase, atMs, { recoveringSinceMs: state.recoveringSinceMs ?? atMs, recoveringOnQuestionable: questionable })
  }
  if (state.recoveringSinceMs !== null) return step('relapsed', state.phase, atMs, { recoveringSinceMs: null, recoveringOnQuestionable: false })
  return verdict === 'violated' && !questionable && isWorse(state, event, rule) ? worsened(state, event, rule) : undefined
}

/** It becomes part of a wider alarm. What is high leaves the screen by a person alone. */
function joined(state: AlarmState, { verdict, atMs, covered = false }: Judged): Step | undefined {
  if (!covered || verdict !== 'violated' || state.priority === 'high') return undefined
  return step('withdrawn', 'normal', atMs, { version: state.version + 1 }, { why: COVERED })
}

function isWorse(state: AlarmState, { value, priority }: Judged, rule: AlarmRule): boolean {
  if (isHigher(priority ?? rule.priority, state.priority)) return true
  if (value === null || state.worst === null) return false
  return (rule.worse === 'lower' ? state.worst - value : value - state.worst) >= rule.worseBy
}

/** A worse value opens an acknowledged alarm again, and makes an acknowledgement on its way a stale one. */
function worsened(state: AlarmState, event: Judged, rule: AlarmRule): Step {
  const { atMs, value } = event
  const priority = higher(event.priority ?? rule.priority, state.priority)
  return step('worsened', 'active', atMs, { worst: value, priority, version: state.version + 1, questionable: false, ...(state.phase === 'acknowledged' ? unanswered(atMs) : {}) })
}

function latchedValue(state: AlarmState, { verdict, atMs, covered = false }: Judged): Step | undefined {
  if (verdict === 'violated' && covered) return undefined
  if (verdict === 'violated') return state.againSinceMs === null ? step('again', 'latched', atMs, { againSinceMs: atMs }) : undefined
  return state.againSinceMs === null ? undefined : step('again_over', 'latched', atMs, { againSinceMs: null })
}

export function onAbsent(state: AlarmState, atMs: number): Step | undefined {
  if (state.absentSinceMs !== null || state.phase === 'normal' || (state.phase === 'latched' && state.againSinceMs === null)) return undefined
  return step('unmeasurable', state.phase, atMs, { absentSinceMs: atMs, recoveringSinceMs: null, recoveringOnQuestionable: false })
}

export function onTick(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  switch (state.phase) {
    case 'normal': return undefined
    case 'pending': return state.absentSinceMs === null ? onset(state, atMs, rule) : outOfReach(state, atMs)
    case 'latched': return state.absentSinceMs === null ? onsetAgain(state, atMs, rule) : outOfReach(state, atMs)
    case 'active':
    case 'acknowledged': return over(state, atMs, rule) ?? (state.phase === 'active' ? escalated(state, atMs, rule) : reAlarmed(state, atMs, rule))
  }
}

function onset(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  return state.coveredSinceMs === null && atMs >= onsetMs(state, rule) ? announced(state, atMs) : undefined
}

function onsetAgain(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  return state.againSinceMs !== null && atMs >= state.againSinceMs + rule.delayMs ? recurred(state, atMs) : undefined
}

/**
 * Weak pulses come and go, and most when a patient gets worse: values that cannot be had now and then end no onset delay, nor do they
 * announce anything by themselves. Only when nothing comes for long it is over, and the silence has its own alarm.
 */
function outOfReach({ phase, absentSinceMs }: AlarmState, atMs: number): Step | undefined {
  if (absentSinceMs === null || atMs < absentSinceMs + HOLD_MS) return undefined
  return phase === 'pending' ? step('cancelled', 'normal', atMs, {}, { why: 'no value' }) : step('again_over', 'latched', atMs, { againSinceMs: null, absentSinceMs: null })
}

/** When a pending condition is announced, if nothing happens before. */
export function onsetMs(state: AlarmState, rule: AlarmRule): number {
  const due = state.sinceMs + rule.delayMs
  return state.heldSinceMs === null ? due : Math.max(due, state.heldSinceMs + HOLD_MS)
}

function announced(state: AlarmState, atMs: number): Step {
  return step('announced', 'active', atMs, { announcedMs: atMs, version: 1, questionable: state.heldSinceMs !== null, ...unanswered(atMs) })
}

function recurred(state: AlarmState, atMs: number): Step {
  return step('recurred', 'active', atMs, { version: state.version + 1, againSinceMs: null, recoveringSinceMs: null, ...unanswered(atMs) })
}

function unanswered(atMs: number): Partial<AlarmState> {
  return { unansweredSinceMs: atMs, escalation: 0, acknowledgedMs: null, acknowledgedBy: null }
}

function over(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  const { recoveringSinceMs, absentSinceMs } = state
  const recovered = recoveringSinceMs !== null && atMs >= recoveringSinceMs + (state.recoveringOnQuestionable ? Math.max(HOLD_MS, rule.clearMs) : rule.clearMs)
  const vanished = absentSinceMs !== null && atMs >= absentSinceMs + ABSENT_ENDS_MS
  if (!recovered && !vanished) return undefined
  const why = recovered ? 'back inside the limit' : 'no value any more'
  const unseen = state.phase === 'active' && state.priority === 'high'
  if (!unseen) return step('cleared', 'normal', atMs, { version: state.version + 1 }, { why })
  return step('over_unseen', 'latched', atMs, { version: state.version + 1, recoveringSinceMs: null, recoveringOnQuestionable: false, absentSinceMs: null, unansweredSinceMs: null }, { why })
}

function escalated(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  const after = rule.escalateAfterMs[state.priority][state.escalation]
  if (after === undefined || state.unansweredSinceMs === null || atMs < state.unansweredSinceMs + after) return undefined
  return step('escalated', 'active', atMs, { escalation: state.escalation + 1 })
}

/** When an acknowledged alarm rings again, if nothing happens before. */
export function reAlarmDueMs({ acknowledgedMs, resumedMs }: AlarmState, reAlarmMs: number): number | undefined {
  return acknowledgedMs === null ? undefined : Math.max(acknowledgedMs, resumedMs ?? 0) + reAlarmMs
}

function reAlarmed(state: AlarmState, atMs: number, rule: AlarmRule): Step | undefined {
  if (atMs < (reAlarmDueMs(state, rule.reAlarmMs) ?? Infinity)) return undefined
  return step('re_alarmed', 'active', atMs, { version: state.version + 1, ...unanswered(atMs) })
}

export function onAcknowledge(state: AlarmState, { atMs, by, seenVersion, note }: AcknowledgeEvent): Step | Refusal | undefined {
  if (state.phase === 'normal' || state.phase === 'pending') return 'not_announced'
  if (state.phase === 'acknowledged') return undefined
  if (seenVersion !== state.version) return 'changed'
  if (state.phase === 'latched') return step('cleared', 'normal', atMs, { version: state.version + 1, acknowledgedMs: atMs, acknowledgedBy: by.user, note }, { by, why: 'seen' })
  return step('acknowledged', 'acknowledged', atMs, { acknowledgedMs: atMs, acknowledgedBy: by.user, note, unansweredSinceMs: null, escalation: 0 }, { by })
}

/** Only what somebody has can be handed over; when it rings again is counted from the acknowledgement, whoever has it. */
export function onHandOver(state: AlarmState, { atMs, by, to, note }: HandOverEvent): Step | Refusal | undefined {
  if (state.phase !== 'acknowledged') return 'not_owned'
  return to === state.acknowledgedBy ? undefined : step('handed_over', 'acknowledged', atMs, { acknowledgedBy: to, ...(note === null ? {} : { note }) }, { by, why: `to ${to}` })
}

export function onWithdraw(state: AlarmState, { atMs, by, why }: WithdrawEvent): Step | undefined {
  return state.phase === 'normal' ? undefined : step('withdrawn', 'normal', atMs, { version: state.version + 1 }, { by, why })
}

/** Nothing is known of the time of a pause, so whatever was being counted begins anew; what was told to nobody may begin again. */
export function onResume(state: AlarmState, atMs: number): Step | undefined {
  if (state.phase === 'normal') return undefined
  if (state.phase === 'pending') return step('cancelled', 'normal', atMs, {}, { why: 'monitoring was paused' })
  return step('resumed', state.phase, atMs, {
    resumedMs: atMs, recoveringSinceMs: null, recoveringOnQuestionable: false, againSinceMs: null, absentSinceMs: state.absentSinceMs === null ? null : atMs,
    ...(state.phase === 'active' ? { unansweredSinceMs: atMs, escalation: 0 } : {}),
  })
}

function higher(a: Priority, b: Priority): Priority {
  return isHigher(a, b) ? a : b
}
