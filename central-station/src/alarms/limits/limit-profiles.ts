import { AppError, type Clock, type LimitProfile, type LimitProfileChange, type LimitProfileEnd, type LimitProfileHistory, type LimitProfileList, type NewLimitProfile } from '@vigil/contract'
import { isInForce, type LimitDifferences, limitsProblem, type Profile, profileLimits } from '@vigil/contract/alarms'
import type { Actor } from '../../audit/audit.ts'
import { uuidv7 } from '../../ids.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Doing, toDifferences } from './limits-service.ts'
import { profileGone } from './profile-gone.ts'
import { limitsOf } from '../engine/watch-list.ts'

export interface ProfileStep {
  readonly wardId: string
  readonly id: string
  /** `undefined`: a new one. */
  readonly seenVersion: number | undefined
  readonly what: 'made' | 'changed' | 'retired'
  /** `undefined`: as it was. */
  readonly body: { readonly name: string; readonly base: Profile; readonly limits: LimitDifferences } | undefined
  readonly doing: Doing
}

/** Port: the profiles of wards, every version kept. */
export interface LimitProfileStore {
  /** One that may be chosen now. */
  find(wardId: string, profileId: string): Promise<LimitProfile | undefined>
  /** `retired`: those that were retired instead. */
  list(wardId: string, retired: boolean): Promise<LimitProfile[]>
  history(wardId: string, profileId: string): Promise<LimitProfileHistory['versions']>
  /** One transaction. @throws AppError ALREADY_EXISTS, PROFILE_GONE, VERSION_CONFLICT */
  write(step: ProfileStep): Promise<void>
}

/** Limits a ward agreed on for a kind of patient, to be chosen for a stay. Stays keep the version that was chosen for them. */
export interface LimitProfiles {
  /** With the number of stays that have one now; `retired`: those that were retired instead. */
  list(wardId: string, retired: boolean): Promise<LimitProfileList['profiles']>
  /** @throws AppError PROFILE_GONE */
  history(wardId: string, profileId: string): Promise<LimitProfileHistory>
  /** @throws AppError NOT_FOUND, LIMITS_INVALID, ALREADY_EXISTS */
  make(wardId: string, profile: NewLimitProfile, actor: Actor): Promise<LimitProfile>
  /** @throws AppError LIMITS_INVALID, ALREADY_EXISTS, PROFILE_GONE, VERSION_CONFLICT */
  change(wardId: string, profileId: string, change: LimitProfileChange, actor: Actor): Promise<LimitProfile>
  /** @throws AppError PROFILE_GONE, VERSION_CONFLICT */
  retire(wardId: string, profileId: string, end: LimitProfileEnd, actor: Actor): Promise<LimitProfileHistory>
}

export function createLimitProfiles({ store, registry, clock }: { store: LimitProfileStore; registry: Registry; clock: Clock }): LimitProfiles {
  const doing = ({ username, role }: Actor, reason: string): Doing => ({ atMs: clock.now(), by: username, role, reason })
  const bodyOf = ({ name, base, limits }: NewLimitProfile) => {
    const body = { name: name.trim(), base, limits: toDifferences(limits) }
    const problem = limitsProblem({ ...profileLimits[base], ...body.limits })
    if (problem !== undefined) throw new AppError('LIMITS_INVALID', problem)
    return body
  }
  /** From memory, of every ward: who moved on keeps what was chosen. */
  const stays = ({ id, version }: LimitProfile): { stays: number; staysOnOlder: number } => {
    const having = registry.now().world.stays.flatMap((stay) => {
      const { chosen } = limitsOf(stay)
      return chosen?.profileId === id && isInForce(chosen, clock.now()) ? [chosen] : []
    })
    return { stays: having.length, staysOnOlder: having.filter((chosen) => chosen.version < version).length }
  }
  const mustFind = async (wardId: string, id: string): Promise<LimitProfile> => {
    const profile = await store.find(wardId, id)
    if (!profile) throw profileGone()
    return profile
  }
  const history = async (wardId: string, profileId: string): Promise<LimitProfileHistory> => {
    const versions = await store.history(wardId, profileId)
    if (versions.length === 0) throw profileGone()
    return { versions }
  }
  return {
    list: async (wardId, retired) => (await store.list(wardId, retired)).map((profile) => ({ ...profile, ...stays(profile) })),
    history,
    async make(wardId, profile, actor) {
      if (!registry.now().wards.has(wardId)) throw new AppError('NOT_FOUND', `There is no ward ${wardId}.`)
      const id = uuidv7(clock.now())
      await store.write({ wardId, id, seenVersion: undefined, what: 'made', body: bodyOf(profile), doing: doing(actor, profile.reason) })
      return mustFind(wardId, id)
    },
    async change(wardId, id, change, actor) {
      await store.write({ wardId, id, seenVersion: change.version, what: 'changed', body: bodyOf(change), doing: doing(actor, change.reason) })
      return mustFind(wardId, id)
    },
    async retire(wardId, id, { version, reason }, actor) {
      await store.write({ wardId, id, seenVersion: version, what: 'retired', body: undefined, doing: doing(actor, reason) })
      return history(wardId, id)
    },
  }
}
