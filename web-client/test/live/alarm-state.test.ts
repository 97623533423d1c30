import { describe, expect, it } from 'vitest'
import type { Alarm } from '@vigil/contract/api/alarms'
import { createAlarmState } from '../../src/live/alarm-state.ts'

const at = new Date(Date.UTC(2026, 6, 14)).toISOString()
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: 'a1', subject: { kind: 'stay', id: 's1' }, condition: 'low:spo2', kind: 'physiological', priority: 'high', state: 'active', version: 1, since: at, announcedAt: at, questionable: false,
  escalation: { taken: [] }, deliveries: [], site: 'main', wardId: 'w', bedId: 'b1', stayId: 's1', mode: 'real', sentence: 'SpO2 84 %, below 90', ...more,
})

describe('the open alarms a screen holds', () => {
  it('are never replaced by an older word', () => {
    const state = createAlarmState()
    state.setAlarm(alarm({ version: 3, sentence: 'newer' }))
    state.setAlarm(alarm({ version: 2, sentence: 'older' }))
    expect(state.open.value.map(({ sentence }) => sentence)).toEqual(['newer'])
  })

  it('do not come back when an answer was under way while the alarm ended: it would sound until the next picture of the ward', () => {
    const state = createAlarmState()
    state.setAlarm(alarm())
    state.setAlarm(alarm({ version: 2, state: 'cleared' }))
    state.setAlarm(alarm({ state: 'acknowledged' }))
    expect(state.open.value).toEqual([])
    state.setAlarm(alarm({ id: 'a2' }))
    expect(state.open.value.map(({ id }) => id)).toEqual(['a2'])
  })

  it('of the site end with the picture of a ward that does not tell them again: whoever said so may have been away', () => {
    const state = createAlarmState()
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
