import { describe, expect, it } from 'vitest'
import type { Limits } from '@vigil/contract/api/alarm-limits'
import { withLimit, type LimitRow } from '../../src/features/limits/limit-draft.ts'
import { differencesBetween, differencesOf, newerOf, profileRows, type WardProfile } from '../../src/features/limits/ward-profile.ts'

const low = { value: 3, delayS: 10, priority: 'high' } as const
const cpap: WardProfile = { id: 'p1', wardId: 'w', version: 3, name: 'CPAP', base: 'adult', limits: { 'low:pip': low, 'low:peep': null }, by: 'ola', role: 'charge', at: '2026-02-01T10:04:00.000Z', reason: 'mask', stays: 1, staysOnOlder: 1 }
const rowOf = (rows: readonly LimitRow[], condition: string) => rows.find((row) => row.condition === condition) as LimitRow

describe('the lines of a profile', () => {
  it('show what it says, what the kind of patient beneath says, the unit, and what may be set', () => {
    const rows = profileRows(cpap)
    expect(rowOf(rows, 'low:pip')).toMatchObject({ unit: 'cm[H2O]', range: [1, 40], inForce: low, profile: { value: 8, delayS: 2, priority: 'high' } })
    expect(rowOf(rows, 'low:peep')).toMatchObject({ inForce: null, profile: { value: 3 } })
    expect(rowOf(rows, 'low:spo2')).toMatchObject({ unit: '%', inForce: { value: 90 }, profile: { value: 90 } })
  })

  it('become what differs: an edit is added, one that goes back to the kind of patient is taken out', () => {
    const rows = profileRows(cpap)
    expect(differencesOf(rows, {})).toEqual(cpap.limits)
    const edited = withLimit({}, rowOf(rows, 'low:spo2'), { value: 88, delayS: 10, priority: 'high' })
    expect(differencesOf(rows, edited)).toEqual({ ...cpap.limits, 'low:spo2': { value: 88, delayS: 10, priority: 'high' } })
    const back = withLimit({}, rowOf(rows, 'low:pip'), { value: 8, delayS: 2, priority: 'high' })
    expect(differencesOf(rows, back)).toEqual({ 'low:peep': null })
  })

  it('differ between versions in value, delay, priority or in being watched at all', () => {
    const before = { base: 'adult', limits: { 'low:pip': { ...low, delayS: 5 } } } as const
    expect(differencesBetween(before, cpap)).toEqual([
      { condition: 'low:pip', unit: 'cm[H2O]', before: { ...low, delayS: 5 }, after: low },
      { condition: 'low:peep', unit: 'cm[H2O]', before: { value: 3, delayS: 2, priority: 'medium' }, after: null },
    ])
    // Another kind of patient changes what is not named, too.
    expect(differencesBetween({ base: 'adult', limits: {} }, { base: 'copd', limits: {} }).map(({ condition }) => condition)).toEqual(['low:spo2', 'high:spo2'])
  })
})

describe('the profile a stay has', () => {
  const who = { by: 'ola', role: 'charge', at: '2026-02-01T08:00:00.000Z', reason: 'mask' }
  const stay = (version: number, of = { ...cpap, limits: {} }): Limits => ({ stayId: 's', version: 1, profile: 'adult', chosen: { profileId: 'p1', name: 'CPAP', version, base: 'adult', ...who }, limits: profileRows(of).map((row) => ({ ...row, profile: row.inForce })), off: [], news2Scale: 1, reAlarmMinutes: 3 })

  it('has a newer version, with what would change', () => {
    expect(newerOf(stay(2), [cpap])).toMatchObject({ profile: { version: 3 }, differences: [{ condition: 'low:pip', before: { value: 8 }, after: low }, { condition: 'low:peep', after: null }] })
  })

  it('is the newest, was retired, or nothing is known yet', () => {
    expect(newerOf(stay(3), [cpap])).toBeUndefined()
    expect(newerOf(stay(3), [])).toBe('retired')
    expect(newerOf(stay(2), undefined)).toBeUndefined()
    const { chosen: _none, ...without } = stay(2)
    expect(newerOf(without, [cpap])).toBeUndefined()
  })
})
