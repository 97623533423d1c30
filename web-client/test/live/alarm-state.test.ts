import { describe, expect, it } from 'vitest'
import type { Alarm } from '@vigil/contract/api/alarms'
import type { Ward } from '@vigil/contract/api/patients'
import { type AlarmState, createAlarmState } from '../../src/live/alarm-state.ts'

const at = new Date(Date.UTC(2026, 6, 14)).toISOString()
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: 'a1', subject: { kind: 'stay', id: 's1' }, condition: 'low:spo2', kind: 'physiological', priority: 'high', state: 'active', version: 1, since: at, announcedAt: at, questionable: false,
  escalation: { taken: [] }, deliveries: [], site: 'main', wardId: 'w', bedId: 'b1', stayId: 's1', mode: 'real', sentence: 'SpO2 84 %, below 90', ...more,
})

const ward = (more: Partial<Ward> = {}): Ward => ({ id: 'w', name: 'Ward 3', site: 'main', mode: 'real', beds: [], serverTimeMs: Date.parse(at), ...more })
const ids = ({ open }: AlarmState) => open.value.map(({ id }) => id)

/** A screen that watches ward `w` and was told of it. */
function watching(...alarms: Alarm[]): AlarmState {
  const state = createAlarmState()
  state.setWanted(['w'])
  state.setWard(ward())
  for (const one of alarms) state.setAlarm(one)
  return state
}

describe('the open alarms a screen holds', () => {
  it('are never replaced by an older word', () => {
    const state = watching()
    state.setAlarm(alarm({ version: 3, sentence: 'newer' }))
    state.setAlarm(alarm({ version: 2, sentence: 'older' }))
    expect(state.open.value.map(({ sentence }) => sentence)).toEqual(['newer'])
  })

  it('do not come back when an answer was under way while the alarm ended: it would sound until the next picture of the ward', () => {
    const state = watching(alarm())
    state.setAlarm(alarm({ version: 2, state: 'cleared' }))
    state.setAlarm(alarm({ state: 'acknowledged' }))
    expect(state.open.value).toEqual([])
    state.setAlarm(alarm({ id: 'a2' }))
    expect(ids(state)).toEqual(['a2'])
  })

  it('go with the ward that is no longer watched: nothing would tell this screen that they ended, and they would sound for ever', () => {
    const state = watching(alarm())
    state.setWanted(['w', 'x'])
    state.setWard(ward({ id: 'x' }))
    state.setAlarm(alarm({ id: 'a2', wardId: 'x' }))
    expect(ids(state)).toEqual(['a1', 'a2'])
    state.setWanted(['w'])
    expect(ids(state)).toEqual(['a1'])
    state.setWanted(['w', 'x'])
    expect(ids(state)).toEqual(['a1'])
  })

  it('of no ward end with the next picture of a ward of their site, when they ended while the connection was away', () => {
    const unlinked = alarm({ id: 'd1', subject: { kind: 'device', id: 'board-1' }, condition: 'no_patient', kind: 'technical', wardId: undefined as never, stayId: undefined as never })
    const state = watching(unlinked, { ...unlinked, id: 'd2', site: 'east' })
    state.lost()
    state.setWard(ward())
    expect(ids(state)).toEqual([])
    state.setWard(ward({ alarms: [unlinked] }))
    expect(ids(state)).toEqual(['d1'])
  })

  it('do not take in what a person answered in a ward that is not watched, but a list asked for before is corrected by it', () => {
    const state = watching()
    const [seen, other] = [alarm({ wardId: 'x' }), alarm({ id: 'a2', wardId: 'x' })]
    const before = state.words()
    state.setAlarm(alarm({ wardId: 'x', state: 'acknowledged' }))
    expect(ids(state)).toEqual([])
    expect([seen, other].map((one) => [state.hears(one), state.newest(one, before)?.state])).toEqual([[false, 'acknowledged'], [false, 'active']])
    // It rang again since: the list that says so is the newer word.
    expect(state.newest(seen, state.words())?.state).toBe('active')
    state.setAlarm(alarm({ wardId: 'x', state: 'cleared' }))
    expect(state.newest(seen, state.words())).toBeUndefined()
  })

  it('are told live from the first picture of their ward until the connection ends', () => {
    const state = watching()
    expect([alarm(), alarm({ wardId: 'x' })].map((one) => state.hears(one))).toEqual([true, false])
    state.lost()
    expect(state.hears(alarm())).toBe(false)
  })

  it('of the site end with the picture of a ward that does not tell them again: whoever said so may have been away', () => {
    const state = createAlarmState()
    state.setWanted(['w', 'w2'])
    const { wardId: _ward, bedId: _bed, stayId: _stay, ...ofSite } = alarm({ id: 'away', condition: 'engine_away', kind: 'technical', subject: { kind: 'site', id: 'main' } })
    const ward = (alarms: Alarm[], site = 'main') => ({ id: 'w', name: 'W', site, mode: 'real' as const, beds: [], alarms, serverTimeMs: 0 })
    state.setWard(ward([ofSite]))
    state.setAlarm(alarm({ id: 'other', wardId: 'w2', bedId: 'b9' }))
    expect(state.open.value.map(({ id }) => id)).toEqual(['other', 'away'])
    state.setWard(ward([], 'annexe'))
    expect(state.open.value).toHaveLength(2)
    state.setWard(ward([]))
    expect(state.open.value.map(({ id }) => id)).toEqual(['other'])
  })
})
