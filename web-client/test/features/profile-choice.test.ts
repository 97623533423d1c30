import { describe, expect, it } from 'vitest'
import type { Limits } from '@vigil/contract/api/alarm-limits'
import { chosenOf, NEWER, profileChange } from '../../src/features/limits/profile-choice.ts'

const limits: Limits = { stayId: 's', version: 3, profile: 'adult', limits: [], off: [], news2Scale: 1, reAlarmMinutes: 3 }
const withCpap: Limits = { ...limits, chosen: { profileId: 'p1', name: 'CPAP', version: 2, base: 'adult', by: 'ola', role: 'charge', at: '2026-02-01T08:00:00.000Z', reason: 'mask' } }

describe('choosing a profile', () => {
  it('shows the one of the ward before the built-in one behind it', () => expect([chosenOf(limits), chosenOf(withCpap)]).toEqual(['adult', 'p1']))
  it('one of the ward holds until its end', () => expect(profileChange(limits, 'p1', 480)).toEqual({ wardProfile: 'p1', expiresInMinutes: 480 }))
  it('a built-in one ends that of the ward, also the very one behind it', () => {
    expect(profileChange(withCpap, 'adult', null)).toEqual({ profile: 'adult', wardProfile: null })
    expect(profileChange(withCpap, 'copd', null)).toEqual({ profile: 'copd', wardProfile: null })
  })
  it('the newer version of the one that is in force is chosen by its name again', () => expect(profileChange(withCpap, NEWER, 240)).toEqual({ wardProfile: 'p1', expiresInMinutes: 240 }))
  it('the same choice changes nothing: saving another setting leaves the profile and its end as they are', () => expect([profileChange(withCpap, 'p1', 480), profileChange(limits, 'adult', 480)]).toEqual([{}, {}]))
})
