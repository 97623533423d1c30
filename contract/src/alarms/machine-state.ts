import type { AlarmActor, AlarmPhase, Priority } from './vocabulary.ts'

/** One condition of one subject. Times are ms since the Unix epoch on the clock of whoever runs the engine. */
export interface AlarmState {
  readonly phase: AlarmPhase
  /** Steps since the condition began; the log is replayed in this order. */
  readonly n: number
  /** What a person saw and answers to: grows when the alarm becomes worse, comes again or is over. */
  readonly version: number
  readonly priority: Priority
  /** When the condition began; when it was announced. */
  readonly sinceMs: number
  readonly announcedMs: number | null
  /** Value at the beginning and the worst since; `null` for conditions without one. */
  readonly value: number | null
  readonly worst: number | null
  readonly limit: number | null
  /** Announced on questionable values alone. */
  readonly questionable: boolean
  /** A wider alarm stands for this one since then; it is announced to nobody meanwhile. */
  readonly coveredSinceMs: number | null
  /** Only questionable values have broken the limit since then. */
  readonly heldSinceMs: number | null
  readonly recoveringSinceMs: number | null
  /** The recovery rests on questionable values, and takes longer. */
  readonly recoveringOnQuestionable: boolean
  /** No value to judge since then. */
  readonly absentSinceMs: number | null
  /** A latched alarm's condition is there again since then. */
  readonly againSinceMs: number | null
  /** Unanswered since then: escalation counts from here. */
  readonly unansweredSinceMs: number | null
  /** Steps of the escalation taken. */
  readonly escalation: number
  readonly acknowledgedMs: number | null
  /** Monitoring was paused, and goes on since then: what is counted, is counted from here. */
  readonly resumedMs: number | null
  readonly acknowledgedBy: string | null
  readonly note: string | null
}

export const normalState: AlarmState = {
  phase: 'normal', n: 0, version: 0, priority: 'low', sinceMs: 0, announcedMs: null, value: null, worst: null, limit: null,
  questionable: false, coveredSinceMs: null, heldSinceMs: null, recoveringSinceMs: null, recoveringOnQuestionable: false, absentSinceMs: null,
  againSinceMs: null, unansweredSinceMs: null, escalation: 0, acknowledgedMs: null, resumedMs: null, acknowledgedBy: null, note: null,
}

/** How one condition is treated; all durations in ms. */
export interface AlarmRule {
  readonly priority: Priority
  readonly delayMs: number
  /** How long the value must be back inside. */
  readonly clearMs: number
  /** By how much a value must be worse than the worst so far to open an acknowledged alarm again. */
  readonly worseBy: number
  /** Which way is worse. */
  readonly worse: 'lower' | 'higher'
  readonly reAlarmMs: number
  /** When each step of the escalation is due, counted from being unanswered. */
  readonly escalateAfterMs: Readonly<Record<Priority, readonly number[]>>
}

/** A value, or for a technical condition a look, judged against the limit. */
export interface Judged {
  /** `between`: inside the limit, but not yet far enough back. */
  readonly verdict: 'violated' | 'between' | 'within'
  readonly atMs: number
  readonly value: number | null
  readonly limit: number | null
  readonly questionable: boolean
  /** A wider alarm stands for it, as that of a lost link for each bed behind it. */
  readonly covered?: boolean
  /** When it differs from the rule's: a score or a silence that became worse. */
  readonly priority?: Priority
}

export type ValueEvent = { readonly type: 'value' } & Judged
export interface AcknowledgeEvent {
  readonly type: 'acknowledge'
  readonly atMs: number
  readonly by: AlarmActor
  readonly seenVersion: number
  readonly note: string | null
}
/** The condition is no longer watched: limit switched off or moved, patient discharged, device unlinked. */
export interface WithdrawEvent {
  readonly type: 'withdraw'
  readonly atMs: number
  readonly why: string
  readonly by: AlarmActor | null
}

/** Whoever has the alarm, or somebody in charge, gives it to another person, who has it from then on. */
export interface HandOverEvent {
  readonly type: 'hand_over'
  readonly atMs: number
  readonly by: AlarmActor
  readonly to: string
  readonly note: string | null
}

export type AlarmEvent =
  | ValueEvent
  /** Nothing to judge: the probe is off, the sensor silent. */
  | { readonly type: 'absent'; readonly atMs: number }
  | { readonly type: 'tick'; readonly atMs: number }
  /** Monitoring goes on after a pause. */
  | { readonly type: 'resume'; readonly atMs: number }
  | AcknowledgeEvent
  | HandOverEvent
  | WithdrawEvent

/** What a value or the time does, not a person. */
export function isByItself({ type }: AlarmEvent): boolean {
  return type === 'value' || type === 'absent' || type === 'tick'
}

/** What can happen to an alarm. Each is one line of the log. */
export const stepKinds = [
  'began', 'held', 'confirmed', 'covered', 'uncovered', 'cancelled', 'announced', 'worsened', 'recovering', 'relapsed', 'unmeasurable', 'measurable',
  'escalated', 're_alarmed', 'acknowledged', 'handed_over', 'over_unseen', 'again', 'again_over', 'recurred', 'resumed', 'cleared', 'withdrawn',
] as const
export type StepKind = (typeof stepKinds)[number]

/** One transition: everything it changed, so that replaying the log gives the very same state. */
export interface Step {
  readonly what: StepKind
  readonly to: AlarmPhase
  readonly atMs: number
  readonly set: Readonly<Partial<AlarmState>>
  readonly by: AlarmActor | null
  readonly why: string | null
}

/** `announce`: sound, show and notify; `escalate`: the next named person; `change`: screens draw it again; `end`: gone. */
export type Effect = 'announce' | 'escalate' | 'change' | 'end'

const effects: Readonly<Record<StepKind, Effect | undefined>> = {
  began: undefined, held: undefined, confirmed: undefined, covered: undefined, uncovered: undefined, cancelled: undefined, recovering: undefined, relapsed: undefined,
  unmeasurable: undefined, measurable: undefined, again: undefined, again_over: undefined,
  announced: 'announce', worsened: 'announce', re_alarmed: 'announce', recurred: 'announce',
  escalated: 'escalate', acknowledged: 'change', handed_over: 'change', over_unseen: 'change', resumed: 'change', cleared: 'end', withdrawn: 'end',
}

export function effectOf(what: StepKind): Effect | undefined {
  return effects[what]
}
