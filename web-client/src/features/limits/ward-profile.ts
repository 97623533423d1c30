import type { LimitProfile, LimitProfileHistory, LimitProfileList, Limits, LimitValue } from '@vigil/contract/api/alarm-limits'
import { limitKeys, limitRanges, limitUnit, profileLimits, type Limit } from '@vigil/contract/alarms/limits'
import { sameLimit, shownLimit, type Draft, type LimitKey, type LimitRow } from './limit-draft.ts'

/** What a profile is made of, besides its name: a kind of patient, and what differs from it. */
export type ProfileBody = Pick<LimitProfile, 'base' | 'limits'>
export type WardProfile = LimitProfileList['profiles'][number]
export type ProfileVersion = LimitProfileHistory['versions'][number]

export const bases = ['adult', 'child', 'copd'] as const

const valueOf = (limit: Limit | null): LimitValue | null => limit && { value: limit.value, delayS: limit.delayMs / 1_000, priority: limit.priority }
const saysOf = ({ base, limits }: ProfileBody, key: LimitKey): LimitValue | null => (key in limits ? (limits[key] ?? null) : valueOf(profileLimits[base][key]))

/** The lines of a profile as those of a stay: what it says now, and what the kind of patient beneath it says. */
export function profileRows(body: ProfileBody): LimitRow[] {
  return limitKeys.map((condition) => ({ condition, unit: limitUnit(condition), range: [...limitRanges[condition]], inForce: saysOf(body, condition), profile: valueOf(profileLimits[body.base][condition]) }))
}

/** What is stored of lines and a draft: what differs from the kind of patient. */
export function differencesOf(rows: readonly LimitRow[], draft: Draft): LimitProfile['limits'] {
  return Object.fromEntries(rows.flatMap((row) => {
    const shown = shownLimit(draft, row)
    return sameLimit(shown, row.profile) ? [] : [[row.condition, shown]]
  }))
}

/** One limit that two profiles, or two versions of one, say differently. */
export interface Difference {
  readonly condition: LimitKey
  readonly unit: string
  readonly before: LimitValue | null
  readonly after: LimitValue | null
}

export function differencesBetween(before: ProfileBody, after: ProfileBody): Difference[] {
  return limitKeys.flatMap((condition) => differing(condition, saysOf(before, condition), saysOf(after, condition)))
}

function differing(condition: LimitKey, before: LimitValue | null, after: LimitValue | null): Difference[] {
  return sameLimit(before, after) ? [] : [{ condition, unit: limitUnit(condition), before, after }]
}

/** What became of the profile a stay has: a newer version that can be chosen, or nobody can choose it any more. */
export type Newer = { readonly profile: WardProfile; readonly differences: Difference[] } | 'retired' | undefined

export function newerOf({ chosen, limits }: Limits, profiles: readonly WardProfile[] | undefined): Newer {
  if (!chosen || !profiles) return undefined
  const profile = profiles.find(({ id }) => id === chosen.profileId)
  if (!profile) return 'retired'
  if (profile.version <= chosen.version) return undefined
  return { profile, differences: limits.flatMap((row) => differing(row.condition, row.profile, saysOf(profile, row.condition))) }
}
