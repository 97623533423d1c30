import { type Signal, signalByName, type SignalName } from '../catalogue.ts'
import type { Judged } from './machine-state.ts'
import { type ConditionKey, parseCondition, type Priority } from './vocabulary.ts'

/**
 * Conditions with a limit a person may set. `apnoea` is in seconds without a breath, `news2` in points, `rate:…` in the
 * unit of the signal per minute; everything else in the unit of the signal.
 */
export const limitKeys = [
  'low:spo2', 'desat:spo2', 'high:spo2', 'low:pr', 'high:pr', 'low:hr', 'high:hr', 'low:rr', 'high:rr', 'apnoea',
  'low:temp', 'high:temp', 'low:pip', 'high:pip', 'low:peep', 'high:peep', 'low:etco2', 'high:etco2', 'news2',
  'rate:spo2', 'rate:pr', 'rate:rr', 'rate:temp',
] as const
export type LimitKey = (typeof limitKeys)[number]

export function isLimitKey(key: string): key is LimitKey {
  return (limitKeys as readonly string[]).includes(key)
}

/** Unit of the value of a limit, UCUM: s for apnoea, points for news2, that of the signal otherwise. */
export function limitUnit(key: LimitKey): string {
  if (key === 'apnoea') return 's'
  const signal = parseCondition(key)?.signal
  return signal === undefined ? '{score}' : (signalByName(signal)?.ucum ?? '')
}

export interface Limit {
  readonly value: number
  /** How long the condition must hold before it is announced. */
  readonly delayMs: number
  readonly priority: Priority
}

/** `null`: not watched. */
export type LimitSet = Readonly<Record<LimitKey, Limit | null>>

export const profiles = ['adult', 'child', 'copd'] as const
export type Profile = (typeof profiles)[number]

const limit = (value: number, seconds: number, priority: Priority): Limit => ({ value, delayMs: seconds * 1_000, priority })

/**
 * Defaults, to be approved locally. Values and delays: docs/alarms.md. The 20 s of apnoea are counted by the board, which
 * says `rr` 0 once they are over; the station adds nothing.
 */
const adult: LimitSet = {
  'low:spo2': limit(90, 10, 'high'),
  'desat:spo2': limit(80, 3, 'high'),
  'high:spo2': null,
  'low:pr': limit(50, 5, 'medium'),
  'high:pr': limit(120, 5, 'medium'),
  'low:hr': limit(50, 5, 'medium'),
  'high:hr': limit(120, 5, 'medium'),
  'low:rr': limit(8, 5, 'high'),
  'high:rr': limit(30, 5, 'medium'),
  apnoea: limit(20, 0, 'high'),
  'low:temp': limit(36, 60, 'low'),
  'high:temp': limit(39, 60, 'medium'),
  'low:pip': limit(8, 2, 'high'),
  'high:pip': limit(40, 2, 'high'),
  'low:peep': limit(3, 2, 'medium'),
  'high:peep': limit(20, 2, 'medium'),
  'low:etco2': limit(25, 5, 'medium'),
  'high:etco2': limit(50, 5, 'medium'),
  news2: limit(5, 60, 'medium'),
  'rate:spo2': null,
  'rate:pr': null,
  'rate:rr': null,
  'rate:temp': null,
}

export const profileLimits: Readonly<Record<Profile, LimitSet>> = {
  adult,
  child: {
    ...adult,
    'low:pr': limit(75, 5, 'medium'),
    'high:pr': limit(160, 5, 'medium'),
    'low:hr': limit(75, 5, 'medium'),
    'high:hr': limit(160, 5, 'medium'),
    'low:rr': limit(12, 5, 'high'),
    'high:rr': limit(40, 5, 'medium'),
    // RCP 2017: NEWS2 is not for people below 16.
    news2: null,
  },
  // Too much oxygen harms them: the upper limit is watched while oxygen is given.
  copd: { ...adult, 'low:spo2': limit(88, 10, 'high'), 'high:spo2': limit(92, 60, 'low') },
}

/** From this score on a NEWS2 alarm is of high priority, whatever its limit. */
export const NEWS2_HIGH = 7

/** A low-SpO2 alarm is never held back longer. */
export const MOST_SPO2_DELAY_MS = 15_000
export const MOST_DELAY_MS = 120_000

/** How far back inside a value must come before an alarm can end; also the step that makes it "worse". */
const hysteresis: Readonly<Partial<Record<SignalName, number>>> = { spo2: 2, pr: 3, hr: 3, rr: 3, temp: 0.2, pip: 2, peep: 1, etco2: 2 }

export function hysteresisOf(signal: SignalName | undefined): number {
  return (signal && hysteresis[signal]) ?? 0
}

/** Where a value is far enough inside for an alarm to end: by the hysteresis, and no further than a value can come; 101 % would end none. */
export function backInside(signal: SignalName, below: boolean, limit: number): number {
  const [lowest, highest] = (signalByName(signal) as Signal).plausible
  return below ? Math.min(limit + hysteresisOf(signal), highest) : Math.max(limit - hysteresisOf(signal), lowest)
}

/** Where a value stands to a limit it must not fall below, or not exceed; `back` is where it is far enough inside. */
export function verdictOf({ below, limit, back }: { readonly below: boolean; readonly limit: number; readonly back: number }, value: number): Judged['verdict'] {
  if (below ? value < limit : value > limit) return 'violated'
  return (below ? value >= back : value <= back) ? 'within' : 'between'
}

/** What a value of a limit may be, so that a typing slip cannot switch an alarm off unseen. Inclusive. */
export const limitRanges: Readonly<Record<LimitKey, readonly [min: number, max: number]>> = {
  'low:spo2': [70, 99], 'desat:spo2': [60, 94], 'high:spo2': [85, 100],
  'low:pr': [20, 150], 'high:pr': [60, 250], 'low:hr': [20, 150], 'high:hr': [60, 250],
  'low:rr': [3, 40], 'high:rr': [10, 80], apnoea: [20, 20],
  'low:temp': [30, 38], 'high:temp': [36, 42],
  'low:pip': [1, 40], 'high:pip': [10, 80], 'low:peep': [0, 20], 'high:peep': [3, 40], 'low:etco2': [5, 60], 'high:etco2': [20, 100],
  news2: [1, 20], 'rate:spo2': [2, 30], 'rate:pr': [10, 100], 'rate:rr': [3, 30], 'rate:temp': [0.3, 3],
}

/** Why a set of limits makes no sense, as a sentence; `undefined` when it does. */
export function limitsProblem(limits: LimitSet): string | undefined {
  for (const key of limitKeys) {
    const problem = limits[key] && rangeProblem(key, limits[key])
    if (problem) return problem
  }
  for (const signal of twoSided) {
    const [low, high] = [limits[`low:${signal}`], limits[`high:${signal}`]]
    if (low && high && low.value >= high.value) return `The low limit of ${signal} (${low.value}) must be below its high limit (${high.value}).`
  }
  const [low, desat] = [limits['low:spo2'], limits['desat:spo2']]
  return low && desat && desat.value >= low.value ? `Desaturation (${desat.value}) must be below the low limit of spo2 (${low.value}).` : undefined
}

const twoSided = ['spo2', 'pr', 'hr', 'rr', 'temp', 'pip', 'peep', 'etco2'] as const
const shortDelay: ReadonlySet<LimitKey> = new Set(['low:spo2', 'desat:spo2'])

/** The longest an alarm of this limit may be held back. */
export const mostDelayMs = (key: LimitKey): number => (shortDelay.has(key) ? MOST_SPO2_DELAY_MS : MOST_DELAY_MS)

function rangeProblem(key: LimitKey, { value, delayMs }: Limit): string | undefined {
  const [min, max] = limitRanges[key]
  if (value < min || value > max) return `The limit ${key} must be between ${min} and ${max}; it is ${value}.`
  const most = mostDelayMs(key)
  return delayMs < 0 || delayMs > most ? `The delay of ${key} must be between 0 and ${most / 1_000} s; it is ${delayMs / 1_000} s.` : undefined
}

/** Who decided, when, why and until when (`null`: until changed). */
export interface Decision {
  readonly by: string
  readonly role: string
  readonly atMs: number
  readonly why: string
  readonly untilMs: number | null
}

export type LimitDifferences = Readonly<Partial<Record<LimitKey, Limit | null>>>

/** A stored profile of the ward as it was when somebody chose it for this stay: changing the profile later changes nobody's limits unseen. */
export interface ChosenProfile extends Decision {
  readonly profileId: string
  readonly version: number
  readonly name: string
  readonly base: Profile
  readonly limits: LimitDifferences
}

/** What people decided about the alarms of one stay. What has expired counts no more, without anybody doing anything. */
export interface StayLimits {
  /** Made by the server; two editors: the second save with an old version is refused. */
  readonly version: number
  readonly profile: Profile
  /** Instead of `profile` as long as it is in force; absent in what was written before there were any. */
  readonly chosen?: ChosenProfile | null
  /** Differences from the profile; `limit` null: not watched. */
  readonly changes: Readonly<Partial<Record<LimitKey, Decision & { readonly limit: Limit | null }>>>
  /** Alarm off per condition, also technical ones. */
  readonly off: Readonly<Partial<Record<ConditionKey, Decision>>>
  /** Scale 2 of NEWS2, by a recorded decision only. */
  readonly spo2Scale2: Decision | null
  readonly reAlarmMin: ReAlarmMinutes
}

export const reAlarmMinutes = [1, 2, 3, 5, 10] as const
export type ReAlarmMinutes = (typeof reAlarmMinutes)[number]

export const defaultStayLimits: StayLimits = { version: 0, profile: 'adult', changes: {}, off: {}, spo2Scale2: null, reAlarmMin: 3 }

export function isInForce(decision: Decision | null | undefined, nowMs: number): boolean {
  return decision !== null && decision !== undefined && (decision.untilMs === null || nowMs < decision.untilMs)
}

/** What the limits are without any change for this one patient: those of the chosen profile, or of the kind of patient. */
export function usualLimits({ profile, chosen }: StayLimits, nowMs: number): LimitSet {
  return chosen && isInForce(chosen, nowMs) ? { ...profileLimits[chosen.base], ...chosen.limits } : profileLimits[profile]
}

/** The limits in force at one time: the profile, with the changes that have not expired, without those switched off. */
export function limitsInForce(stay: StayLimits, nowMs: number): LimitSet {
  const out: Record<string, Limit | null> = { ...usualLimits(stay, nowMs) }
  for (const key of limitKeys) {
    const change = stay.changes[key]
    if (change && isInForce(change, nowMs)) out[key] = change.limit
    if (isInForce(stay.off[key], nowMs)) out[key] = null
  }
  return out as LimitSet
}

/** When the limits in force change next by themselves; `undefined` when they do not. */
export function nextExpiryMs(stay: StayLimits, nowMs: number): number | undefined {
  const ends = [...Object.values(stay.changes), ...Object.values(stay.off), stay.spo2Scale2, stay.chosen]
    .flatMap((decision) => (decision?.untilMs && decision.untilMs > nowMs ? [decision.untilMs] : []))
  return ends.length === 0 ? undefined : Math.min(...ends)
}
