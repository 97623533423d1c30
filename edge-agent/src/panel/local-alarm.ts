import { backInside, type Limit, limitKeys, type LimitKey, type LimitSet, profileLimits, verdictOf } from '@vigil/contract/alarms/limits'
import { react } from '@vigil/contract/alarms/machine'
import { type AlarmEvent, type AlarmRule, type AlarmState, normalState } from '@vigil/contract/alarms/machine-state'
import { type ConditionKey, isHigher, parseCondition, type Priority } from '@vigil/contract/alarms/vocabulary'
import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { LocalAlarmWhen } from '../commands/config-keys.ts'
import type { Second } from '../core/patient-events.ts'

/** A condition the board itself has announced. */
export interface LocalCondition {
  readonly condition: ConditionKey
  readonly priority: Priority
  readonly value: number | null
  readonly limit: number | null
}

export interface LocalAlarmNow {
  /** Announced conditions, the worst first. */
  readonly open: readonly LocalCondition[]
  /** Announced, and the central station has not said in time that somebody hears it: the board sounds. */
  readonly sounding: readonly LocalCondition[]
  /** Began or ended to sound in this second, for the record. */
  readonly changes: readonly { readonly condition: ConditionKey; readonly ph: 'start' | 'end' }[]
}

/**
 * Watches the limits at the bedside with the same machine as the central station, and sounds what the centre does not hold open
 * within 5 s. It has no clock. Nothing that comes over the network ends a sound: the condition does, or a person at the board.
 */
export interface LocalAlarm {
  /** Once a second. @param atMs of any steady clock */
  second(second: Second, limits: LocalLimits, atMs: number, when?: LocalAlarmWhen): LocalAlarmNow
  /** What the central station holds open for this board. */
  confirmed(confirmation: AlarmConfirmation, atMs: number): void
  /** A person at the board has heard it: quiet for two minutes, unless something new is announced. */
  hush(atMs: number): void
}

/** Low and high end by signal, as configured for this board; a signal that is not named has the limits of the adult profile. */
export type LocalLimits = Readonly<Record<string, { readonly low?: number; readonly high?: number }>>

export const CONFIRM_WITHIN_MS = 5_000
export const HUSH_MS = 120_000
/** A person reads them off a screen; a board cannot: they are what the patient's chart says. */
const notHere: ReadonlySet<LimitKey> = new Set<LimitKey>(['news2', 'rate:spo2', 'rate:pr', 'rate:rr', 'rate:temp'])
/** The centre counts an alarm of its own; here nobody escalates and nobody acknowledges. */
const plainRule = { clearMs: 5_000, worseBy: Number.POSITIVE_INFINITY, reAlarmMs: Number.POSITIVE_INFINITY, escalateAfterMs: { low: [], medium: [], high: [] } } as const

interface Watched {
  state: AlarmState
  /** Since when it has been announced, and whether it sounds. */
  announcedMs: number | undefined
  sounds: boolean
}

export function createLocalAlarm(): LocalAlarm {
  const watched = new Map<LimitKey, Watched>(limitKeys.filter((key) => !notHere.has(key)).map((key) => [key, { state: normalState, announcedMs: undefined, sounds: false }]))
  let told: { readonly confirmation: AlarmConfirmation; readonly untilMs: number } | undefined
  let hushedUntilMs = Number.NEGATIVE_INFINITY

  const isHeardAtCentre = (key: LimitKey, atMs: number): boolean =>
    told !== undefined && atMs < told.untilMs && told.confirmation.armed > 0 && told.confirmation.a.some(({ c }) => c === key)

  const isLeftAlone = (key: LimitKey, { announcedMs = Number.POSITIVE_INFINITY }: Watched, atMs: number): boolean => atMs - announcedMs >= CONFIRM_WITHIN_MS && !isHeardAtCentre(key, atMs)

  function step(key: LimitKey, one: Watched, event: AlarmEvent, limit: Limit, { atMs, atOnce }: { atMs: number; atOnce: boolean }): { ph: 'start' | 'end' } | undefined {
    const rule: AlarmRule = { ...plainRule, priority: limit.priority, delayMs: limit.delayMs, worse: key.startsWith('high:') ? 'higher' : 'lower' }
    one.state = react(one.state, event, rule).state
    // An alarm over before anyone saw it is for the centre to keep; here it is over.
    if (one.state.phase === 'latched') one.state = normalState
    const isOpen = one.state.phase === 'active'
    if (isOpen && one.announcedMs === undefined) {
      one.announcedMs = atMs
      hushedUntilMs = Number.NEGATIVE_INFINITY
    }
    if (!isOpen) one.announcedMs = undefined
    const sounded = one.sounds
    // Once it sounds it goes on until it is over: a late word of the centre changes nothing.
    one.sounds = isOpen && (sounded || atOnce || isLeftAlone(key, one, atMs))
    return sounded === one.sounds ? undefined : { ph: one.sounds ? 'start' : 'end' }
  }

  return {
    second(second, limits, atMs, when = 'unconfirmed') {
      const inForce = localLimitSet(limits)
      const changes: { condition: ConditionKey; ph: 'start' | 'end' }[] = []
      for (const [key, one] of watched) {
        const limit = inForce[key]
        const event: AlarmEvent = limit === null ? { type: 'withdraw', atMs, why: 'no limit', by: null } : eventOf(key, limit, second, atMs)
        const change = step(key, one, event, limit ?? { value: 0, delayMs: 0, priority: 'low' }, { atMs, atOnce: when === 'always' })
        if (change) changes.push({ condition: key, ...change })
      }
      const open = [...watched].filter(([, { announcedMs }]) => announcedMs !== undefined)
      const asCondition = ([condition, { state }]: (typeof open)[number]): LocalCondition => ({ condition, priority: state.priority, value: state.value, limit: state.limit })
      const worstFirst = (a: LocalCondition, b: LocalCondition): number => (isHigher(a.priority, b.priority) ? -1 : isHigher(b.priority, a.priority) ? 1 : 0)
      const sounding = atMs < hushedUntilMs ? [] : open.filter(([, { sounds }]) => sounds).map(asCondition)
      return { open: open.map(asCondition).sort(worstFirst), sounding: sounding.sort(worstFirst), changes }
    },
    confirmed(confirmation, atMs) {
      told = { confirmation, untilMs: atMs + confirmation.for }
    },
    hush(atMs) {
      hushedUntilMs = atMs + HUSH_MS
    },
  }
}

/** The adult profile, with what is configured for this board. */
function localLimitSet(limits: LocalLimits): LimitSet {
  const out: Record<string, Limit | null> = { ...profileLimits.adult }
  for (const [signal, { low, high }] of Object.entries(limits)) {
    const set = (key: string, value: number | undefined): void => {
      const usual = out[key]
      if (usual !== undefined) out[key] = value === undefined ? null : { delayMs: 5_000, priority: 'medium', ...usual, value }
    }
    set(`low:${signal}`, low)
    set(`high:${signal}`, high)
  }
  return out as LimitSet
}

function eventOf(key: LimitKey, limit: Limit, { m, q, apnoea }: Second, atMs: number): AlarmEvent {
  if (key === 'apnoea') return { type: 'value', verdict: apnoea === true ? 'violated' : 'within', atMs, value: null, limit: limit.value, questionable: false }
  const signal = parseCondition(key)?.signal
  const value = signal === undefined ? undefined : m[signal]
  if (signal === undefined || value === undefined) return { type: 'absent', atMs }
  const below = !key.startsWith('high:')
  const verdict = verdictOf({ below, limit: limit.value, back: backInside(signal, below, limit.value) }, value)
  return { type: 'value', verdict, atMs, value, limit: limit.value, questionable: q[signal] !== undefined }
}
