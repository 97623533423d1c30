import { type AlarmOffChange, AppError, type Clock, type LimitNote, type LimitProfile, type Limits, type LimitsChange, type LimitValue, type NewObservation, type Observation, type ObservationList } from '@vigil/contract'
import { type ChosenProfile, type Decision, isInForce, isLimitKey, type Limit, limitKeys, type LimitDifferences, type LimitKey, limitRanges, limitUnit, limitsInForce, limitsProblem, OBSERVATION_MS, parseCondition, type StayLimits, usualLimits } from '@vigil/contract/alarms'
import type { Actor } from '../../audit/audit.ts'
import { readTimeRange } from '../../history/time-range.ts'
import { uuidv7 } from '../../ids.ts'
import { field, iso, isoField } from '../../iso.ts'
import type { Registry } from '../../registry/registry.ts'
import { profileGone } from './profile-gone.ts'
import { limitsOf } from '../engine/watch-list.ts'

export interface Doing {
  readonly atMs: number
  readonly by: string
  readonly role: string
  readonly reason: string
}

/** Port: what people decided about limits, and what they observed. */
export interface LimitsStore {
  /** A profile that may be chosen; nothing when the ward has none of this name any more. */
  profile(wardId: string, profileId: string): Promise<LimitProfile | undefined>
  /** One transaction; `make` is given what is stored now, and may refuse. @throws AppError NOT_FOUND, STAY_ENDED */
  change(stayId: string, doing: Doing, make: (before: StayLimits) => StayLimits): Promise<{ readonly before: StayLimits; readonly after: StayLimits }>
  addObservation(observation: { id: string; stayId: string; atMs: number; enteredMs: number; by: string; role: string; seen: Record<string, unknown> }): Promise<void>
  observations(stayId: string): Promise<Observation[]>
}

export interface LimitsService {
  /** From memory: works while PostgreSQL is away. @throws AppError NOT_FOUND */
  read(stayId: string): Limits
  notes(stayId: string): LimitNote[]
  /** @throws AppError VERSION_CONFLICT, LIMITS_INVALID, NOT_FOUND, STAY_ENDED, PROFILE_GONE */
  change(stayId: string, change: LimitsChange, actor: Actor): Promise<Limits>
  changeWard(wardId: string, change: { reason: string; limits: NonNullable<LimitsChange['limits']>; expiresInMinutes?: number | null }, actor: Actor): Promise<string[]>
  switchOff(stayId: string, change: AlarmOffChange, actor: Actor): Promise<Limits>
  observe(stayId: string, seen: NewObservation, actor: Actor): Promise<Observation>
  observations(stayId: string): Promise<ObservationList>
}

/** A shift: what is changed for one patient tonight does not count for ever by forgetting. */
const EXPIRES_MINUTES = 8 * 60
/** A ward PC's clock may be a little ahead. */
const CLOCK_SLACK_MS = 60_000

export function createLimitsService({ store, registry, clock, changed }: { store: LimitsStore; registry: Registry; clock: Clock; changed: () => Promise<void> }): LimitsService {
  const stayOf = (id: string) => {
    const stay = registry.now().stays.get(id)
    if (!stay) throw new AppError('NOT_FOUND', 'There is no open stay of this name.')
    return stay
  }
  const read = (stayId: string): Limits => toLimits(stayId, limitsOf(stayOf(stayId)), clock.now())
  const decide = (actor: Actor, reason: string, minutes: number | null | undefined): Decision => decisionOf(actor, reason, minutes, clock.now())
  const save = async (stayId: string, actor: Actor, reason: string, make: (before: StayLimits) => StayLimits): Promise<void> => {
    await store.change(stayId, { atMs: clock.now(), by: actor.username, role: actor.role, reason }, (before) => {
      const after = make(before)
      const problem = limitsProblem(limitsInForce(after, clock.now()))
      if (problem !== undefined) throw new AppError('LIMITS_INVALID', problem)
      return after
    })
  }
  const afterwards = () => registry.refresh().then(changed)

  return {
    read,
    notes: (stayId) => notesOf(limitsOf(stayOf(stayId)), clock.now()),
    async change(stayId, change, actor) {
      const decision = decide(actor, change.reason, change.expiresInMinutes)
      const chosen = await choose(store, stayOf(stayId).wardId, change.wardProfile, decision)
      await save(stayId, actor, change.reason, (before) => {
        if (before.version !== change.version) throw new AppError('VERSION_CONFLICT', 'Somebody changed these limits meanwhile. Look again, then save.', { details: { version: before.version } })
        return { ...changedLimits(before, change, decision), ...(chosen === undefined ? {} : { chosen }) }
      })
      await afterwards()
      return read(stayId)
    },
    async changeWard(wardId, { reason, limits, expiresInMinutes }, actor) {
      if (!registry.now().wards.has(wardId)) throw new AppError('NOT_FOUND', `There is no ward ${wardId}.`)
      const stays = registry.now().world.stays.filter((stay) => stay.wardId === wardId).map((stay) => stay.id)
      const decision = decide(actor, reason, expiresInMinutes)
      for (const stayId of stays) await save(stayId, actor, reason, (before) => changedLimits(before, { version: before.version, reason, limits }, decision))
      await afterwards()
      return stays
    },
    async switchOff(stayId, { condition, off, reason, expiresInMinutes }, actor) {
      if (!parseCondition(condition)) throw new AppError('INVALID_REQUEST', `${condition} is no condition.`)
      const decision = decide(actor, reason, expiresInMinutes)
      await save(stayId, actor, reason, (before) => {
        const { [condition]: _, ...others } = before.off
        return { ...before, off: off ? { ...others, [condition]: decision } : others }
      })
      await afterwards()
      return read(stayId)
    },
    async observe(stayId, { at, ...seen }, { username, role }) {
      stayOf(stayId)
      const enteredMs = clock.now()
      const atMs = observedAt(at, enteredMs)
      const id = uuidv7(enteredMs)
      await store.addObservation({ id, stayId, atMs, enteredMs, by: username, role, seen })
      await afterwards()
      return { id, stayId, at: iso(atMs), by: username, values: seen }
    },
    observations: async (stayId) => ({ observations: await store.observations(stayId) }),
  }
}

/** `undefined`: nothing is said about it; null: none any more. @throws AppError PROFILE_GONE */
async function choose(store: LimitsStore, wardId: string | null, profileId: string | null | undefined, decision: Decision): Promise<ChosenProfile | null | undefined> {
  if (profileId === undefined || profileId === null) return profileId
  const profile = wardId === null ? undefined : await store.profile(wardId, profileId)
  if (!profile) throw profileGone()
  const { name, version, base, limits } = profile
  return { ...decision, profileId, name, version, base, limits: toDifferences(limits) }
}

function decisionOf({ username, role }: Actor, why: string, minutes: number | null | undefined, atMs: number): Decision {
  return { by: username, role, atMs, why, untilMs: minutes === null ? null : atMs + (minutes ?? EXPIRES_MINUTES) * 60_000 }
}

/** @throws AppError INVALID_RANGE, INVALID_REQUEST */
function observedAt(at: string | undefined, nowMs: number): number {
  const atMs = at === undefined ? nowMs : (readTimeRange({ from: at }).fromMs ?? nowMs)
  if (atMs > nowMs + CLOCK_SLACK_MS || atMs < nowMs - OBSERVATION_MS) throw new AppError('INVALID_REQUEST', 'An observation is of now or of the last 12 hours.')
  return atMs
}

function changedLimits(before: StayLimits, change: LimitsChange, decision: Decision): StayLimits {
  const changes: Partial<Record<LimitKey, Decision & { limit: Limit | null }>> = { ...before.changes }
  for (const key of change.reset ?? []) delete changes[key]
  for (const [key, value] of Object.entries(change.limits ?? {})) if (isLimitKey(key)) changes[key] = { ...decision, limit: value ? toLimit(value) : null }
  return {
    ...before,
    changes,
    profile: change.profile ?? before.profile,
    spo2Scale2: change.news2Scale === undefined ? before.spo2Scale2 : change.news2Scale === 2 ? { ...decision, untilMs: null } : null,
    reAlarmMin: change.reAlarmMinutes ?? before.reAlarmMin,
  }
}

/** As they are stored: delays in ms. */
export function toDifferences(limits: LimitProfile['limits']): LimitDifferences {
  return Object.fromEntries(Object.entries(limits).map(([key, value]) => [key, value ? toLimit(value) : null]))
}

const toLimit = ({ value, delayS, priority }: LimitValue): Limit => ({ value, delayMs: delayS * 1_000, priority })
export const toValue = (limit: Limit | null): LimitValue | null => limit && { value: limit.value, delayS: limit.delayMs / 1_000, priority: limit.priority }

function whoWhen({ by, role, atMs, why, untilMs }: Decision) {
  return { by, role, at: iso(atMs), reason: why, ...isoField('until', untilMs) }
}

function toLimits(stayId: string, stay: StayLimits, nowMs: number): Limits {
  const inForce = limitsInForce(stay, nowMs)
  const usual = usualLimits(stay, nowMs)
  return {
    stayId,
    version: stay.version,
    profile: stay.profile,
    ...chosenView(stay, nowMs),
    limits: limitKeys.map((condition) => {
      const change = stay.changes[condition]
      const [min, max] = limitRanges[condition]
      return { condition, unit: limitUnit(condition), range: [min, max], inForce: toValue(inForce[condition]), profile: toValue(usual[condition]), ...(change && isInForce(change, nowMs) ? { changed: whoWhen(change) } : {}) }
    }),
    off: Object.entries(stay.off).flatMap(([condition, decision]) => (decision && isInForce(decision, nowMs) ? [{ condition, ...whoWhen(decision) }] : [])),
    news2Scale: isInForce(stay.spo2Scale2, nowMs) ? 2 : 1,
    ...(stay.spo2Scale2 && isInForce(stay.spo2Scale2, nowMs) ? { news2ScaleDecision: whoWhen(stay.spo2Scale2) } : {}),
    reAlarmMinutes: stay.reAlarmMin,
  }
}

function chosenView({ chosen }: StayLimits, nowMs: number): Pick<Limits, 'chosen'> {
  if (!chosen || !isInForce(chosen, nowMs)) return {}
  const { profileId, name, version, base } = chosen
  return { chosen: { profileId, name, version, base, ...whoWhen(chosen) } }
}

/** What every screen says in words: changed, not watched, off. */
export function notesOf(stay: StayLimits, nowMs: number): LimitNote[] {
  const usual = usualLimits(stay, nowMs)
  const chosen = stay.chosen && isInForce(stay.chosen, nowMs) ? [{ condition: 'profile', what: 'profile' as const, name: stay.chosen.name, ...whoWhen(stay.chosen) }] : []
  const changed = limitKeys.flatMap((condition): LimitNote[] => {
    const change = stay.changes[condition]
    if (!change || !isInForce(change, nowMs)) return []
    return [{ condition, what: change.limit ? 'changed' : 'not watched', ...field('value', change.limit?.value), ...field('profileValue', usual[condition]?.value), ...whoWhen(change) }]
  })
  const off = Object.entries(stay.off).flatMap(([condition, decision]): LimitNote[] => (decision && isInForce(decision, nowMs) ? [{ condition, what: 'alarm off', ...whoWhen(decision) }] : []))
  return [...off, ...chosen, ...changed]
}
