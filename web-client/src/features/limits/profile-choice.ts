import type { Limits, LimitsChange } from '@vigil/contract/api/alarm-limits'
import type { Expiry } from './limit-draft.ts'

const builtIn = ['adult', 'child', 'copd'] as const
const isBuiltIn = (choice: string): choice is Limits['profile'] => (builtIn as readonly string[]).includes(choice)

/** What the list of profiles shows as chosen: the id of a ward's profile, or the name of a built-in one. */
export const chosenOf = ({ profile, chosen }: Limits): string => chosen?.profileId ?? profile

/** Chosen again, for the version that has come since. */
export const NEWER = 'newer'

/** What choosing it changes: a built-in one ends the ward's; the same choice changes nothing. */
export function profileChange(limits: Limits, choice: string, expiresInMinutes: Expiry): Pick<LimitsChange, 'profile' | 'wardProfile' | 'expiresInMinutes'> {
  if (choice === chosenOf(limits)) return {}
  if (choice === NEWER && limits.chosen) return { wardProfile: limits.chosen.profileId, expiresInMinutes }
  return isBuiltIn(choice) ? { profile: choice, wardProfile: null } : { wardProfile: choice, expiresInMinutes }
}
