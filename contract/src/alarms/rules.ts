import type { SignalName } from '../catalogue.ts'
import { defaultEscalation, type EscalationStep } from './escalation.ts'
import { backInside, hysteresisOf, type Limit, type LimitKey, type LimitSet, limitKeys } from './limits.ts'
import type { AlarmRule } from './machine-state.ts'
import { type Condition, type ConditionKey, type ConditionType, parseCondition, type Priority } from './vocabulary.ts'

/** How long a value must be back inside before an alarm is over. */
export const CLEAR_MS = 5_000

/** A limit made ready to be compared with every sample. */
export interface LimitWatch {
  readonly key: ConditionKey
  readonly signal: SignalName
  readonly below: boolean
  /** Beyond it is violated; at or beyond `back` on the other side it is far enough inside. */
  readonly limit: number
  readonly back: number
  readonly shownLimit: number
  readonly rule: AlarmRule
}

export type Escalation = Readonly<Record<Priority, readonly EscalationStep[]>>

export interface RuleOptions {
  readonly reAlarmMs: number
  readonly escalation?: Escalation
}

function escalateAfter(escalation: Escalation = defaultEscalation): AlarmRule['escalateAfterMs'] {
  const times = (priority: Priority) => escalation[priority].map((step) => step.afterMs)
  return { high: times('high'), medium: times('medium'), low: times('low') }
}

/** Limits compared with one signal. Rates and NEWS2 need more than one value and are judged elsewhere. */
export function limitWatches(limits: LimitSet, options: RuleOptions): LimitWatch[] {
  return limitKeys.flatMap((key) => {
    const limit = limits[key]
    const condition = parseCondition(key)
    return limit && condition ? (watchOf(key, condition, limit, options) ?? []) : []
  })
}

/** The board says a rate of 0 once nobody has breathed for 20 s. */
const BREATHLESS = 0.5

function watchOf(key: LimitKey, { type, signal }: Condition, limit: Limit, options: RuleOptions): LimitWatch | undefined {
  if (type === 'apnoea') return { key, signal: 'rr', below: true, limit: BREATHLESS, back: 1, shownLimit: limit.value, rule: ruleOf(limit, { ...options, worse: 'lower', worseBy: Infinity }) }
  if (signal === undefined || type === 'rate') return undefined
  const below = type === 'low' || type === 'desat'
  return { key, signal, below, limit: limit.value, back: backInside(signal, below, limit.value), shownLimit: limit.value, rule: ruleOf(limit, { ...options, worse: below ? 'lower' : 'higher', worseBy: hysteresisOf(signal) }) }
}

export function ruleOf({ priority, delayMs }: Pick<Limit, 'priority' | 'delayMs'>, { worse, worseBy, reAlarmMs, escalation }: RuleOptions & Pick<AlarmRule, 'worse' | 'worseBy'>): AlarmRule {
  return { priority, delayMs, clearMs: CLEAR_MS, worse, worseBy, reAlarmMs, escalateAfterMs: escalateAfter(escalation) }
}

interface TechnicalRule {
  readonly priority: Priority
  readonly delayMs: number
  readonly clearMs: number
  /** Absent: nothing about it can become worse. */
  readonly worseBy?: number
}

/** More beds than this that fall silent within a minute have one cause, and one alarm (alarms.md: "broker link lost: 14 beds"). */
export const MANY_BEDS = 10

/** A technical condition that lasts is no longer low. */
export const TECHNICAL_MEDIUM_MS = 300_000
export const NO_DATA_MS = 60_000
export const DEVICE_LOST_MS = 30_000
export const UNASSIGNED_MS = 300_000

const technical = {
  probe_off: { priority: 'low', delayMs: 10_000, clearMs: 3_000 },
  sensor_fault: { priority: 'low', delayMs: 10_000, clearMs: 5_000 },
  poor_signal: { priority: 'low', delayMs: 60_000, clearMs: 10_000 },
  no_data: { priority: 'low', delayMs: 0, clearMs: 0 },
  device_lost: { priority: 'medium', delayMs: 0, clearMs: 0 },
  // Twice as many beds behind it are another matter than the ones somebody has answered for.
  link_lost: { priority: 'high', delayMs: 0, clearMs: 2_000, worseBy: MANY_BEDS },
  low_battery: { priority: 'low', delayMs: 10_000, clearMs: 10_000 },
  clock_suspect: { priority: 'low', delayMs: 10_000, clearMs: 30_000 },
  buffer_filling: { priority: 'low', delayMs: 30_000, clearMs: 10_000 },
  source_silent: { priority: 'medium', delayMs: 0, clearMs: 0 },
  unassigned_device: { priority: 'low', delayMs: 0, clearMs: 0 },
  database_away: { priority: 'medium', delayMs: 5_000, clearMs: 5_000 },
  no_armed_screen: { priority: 'low', delayMs: 60_000, clearMs: 0 },
  bridge_behind: { priority: 'medium', delayMs: 10_000, clearMs: 10_000 },
  path_down: { priority: 'high', delayMs: 0, clearMs: 5_000 },
  // Told for as long as the pause still lasts.
  pause_ending: { priority: 'low', delayMs: 0, clearMs: 0 },
  // Not technical, but judged like these: somebody says that it is so.
  patient_call: { priority: 'high', delayMs: 0, clearMs: 0 },
} as const satisfies Partial<Record<ConditionType, TechnicalRule>>

export type TechnicalType = keyof typeof technical

export function technicalRule(type: TechnicalType, { reAlarmMs, escalation }: RuleOptions): AlarmRule {
  return { worseBy: Infinity, ...technical[type], worse: 'higher', reAlarmMs, escalateAfterMs: escalateAfter(escalation) }
}

/** The rule of a condition that a log tells of: a limit's is known from the limits, a score's and a monitor's own come with the next word about them. */
export function loggedRule(condition: ConditionKey, options: RuleOptions): AlarmRule {
  const type = parseCondition(condition)?.type
  return type !== undefined && type in technical ? technicalRule(type as TechnicalType, options) : ruleOf({ priority: 'low', delayMs: 0 }, { ...options, worse: 'higher', worseBy: Infinity })
}

/** Low battery: percent left; from the second on it is of medium priority. */
export const BATTERY_LOW = 20
export const BATTERY_MEDIUM = 10
/** Objects waiting on a board: what ten minutes at 1 Hz make. */
export const BUFFER_FILLING = 600

/**
 * Signals of one sensor: when the finger is off the oximeter, its pulse rate needs no alarm of its own. The rest speak for
 * themselves.
 */
const leaders: Readonly<Partial<Record<SignalName, SignalName>>> = { pr: 'spo2', pi: 'spo2', rrppg: 'spo2', pip: 'paw', peep: 'paw', pmean: 'paw', pmin: 'paw', rr: 'paw', fico2: 'etco2', co2e: 'etco2' }

export function leaderOf(signal: SignalName): SignalName {
  return leaders[signal] ?? signal
}

/** Signals whose absence or quality is an alarm of the sensor. */
export const sensorSignals = ['spo2', 'hr', 'temp', 'tskin', 'tcore', 'paw', 'etco2'] as const satisfies readonly SignalName[]
