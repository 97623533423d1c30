// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alarm, AudioNow } from '@vigil/contract/api/alarms'
import { byNeed, mostUrgent } from '../../src/alarms/alarm-order.ts'
import { chooseSound } from '../../src/alarms/choose-sound.ts'
import { onePerPatient } from '../../src/alarms/one-per-patient.ts'
import { changeFrom, clamped, withLimit, type LimitRow } from '../../src/features/limits/limit-draft.ts'
import { emptyObservation, observationFrom } from '../../src/features/limits/observation.ts'
import { minutesAndSeconds } from '../../src/i18n/durations.ts'
import { burstOf, categoryOf, repeatMs } from '../../src/sound/burst.ts'

const alarm = (more: Partial<Alarm>): Alarm => ({
  id: 'a', subject: { kind: 'stay', id: 's' }, condition: 'low:spo2', kind: 'physiological', priority: 'high', state: 'active', version: 1, since: '', announcedAt: '2026-07-14T02:00:00.000Z', questionable: false,
  escalation: { taken: [] }, deliveries: [], site: 'main', mode: 'demo', sentence: '', stayId: 's', ...more,
})
const quiet = () => undefined

describe('which alarm is heard', () => {
  it('is the highest unanswered one, alone', () => {
    const alarms = [alarm({ id: 'low', priority: 'low' }), alarm({ id: 'high' }), alarm({ id: 'medium', priority: 'medium' })]
    expect(chooseSound(alarms, quiet, 0)).toMatchObject({ key: 'high/1/high', priority: 'high' })
    expect(chooseSound([], quiet, 0)).toBeUndefined()
  })

  it('answering one patient never silences another', () => {
    const alarms = [alarm({ id: 'mine', stayId: 's1', state: 'acknowledged' }), alarm({ id: 'other', stayId: 's2', priority: 'medium' })]
    expect(chooseSound(alarms, quiet, 0)?.key).toBe('other/1/medium')
  })

  it('a pause silences its own patient until its end, off until it is on again', () => {
    const audio: Record<string, AudioNow> = { s1: { mode: 'paused', until: '2026-07-14T02:02:00.000Z' }, s2: { mode: 'off' } }
    const of = (stay: string) => audio[stay]
    const [end] = [Date.parse('2026-07-14T02:02:00.000Z')]
    expect(chooseSound([alarm({ stayId: 's1' })], of, end - 1)).toBeUndefined()
    expect(chooseSound([alarm({ stayId: 's1' })], of, end)?.priority).toBe('high')
    expect(chooseSound([alarm({ stayId: 's2' })], of, end + 86_400_000)).toBeUndefined()
    expect(chooseSound([alarm({ stayId: 's2' }), alarm({ id: 'b', stayId: 's3', priority: 'low' })], of, 0)?.key).toBe('b/1/low')
  })

  it('sounds anew when it got worse, and only reminds when it is over, unseen', () => {
    expect(chooseSound([alarm({ version: 2 })], quiet, 0)?.key).not.toBe(chooseSound([alarm({})], quiet, 0)?.key)
    expect(chooseSound([alarm({ state: 'latched' })], quiet, 0)?.priority).toBe('low')
  })
})

describe('the sound of a priority', () => {
  it('is ten pulses for high in 3 + 2 twice, three for medium, two for low', () => {
    expect(['high', 'medium', 'low'].map((p) => burstOf(p as 'high').length)).toEqual([10, 3, 2])
    const gaps = burstOf('high').slice(1).map((pulse, i) => Math.round((pulse.atS - (burstOf('high')[i]?.atS ?? 0)) * 100))
    expect(gaps).toEqual([25, 25, 60, 25, 85, 25, 25, 60, 25])
  })

  it('never overlaps itself nor the next burst, in every category', () => {
    for (const priority of ['high', 'medium', 'low'] as const) {
      for (const category of ['general', 'heart', 'oxygen', 'breath', 'temperature'] as const) {
        const pulses = burstOf(priority, category)
        pulses.forEach((p, i) => expect(p.atS + p.lengthS).toBeLessThanOrEqual(pulses[i + 1]?.atS ?? repeatMs[priority] / 1_000))
        // IEC 60601-1-8 wants the fundamental between 150 and 1000 Hz.
        expect(pulses.filter((p) => p.hz < 150 || p.hz > 1_000)).toEqual([])
      }
    }
  })

  it('has a melody of its own for what is wrong', () => {
    expect([categoryOf('low:spo2'), categoryOf('desat:spo2'), categoryOf('high:pr'), categoryOf('apnoea'), categoryOf('low:temp'), categoryOf('no_data:spo2'), categoryOf('device_lost')]).toEqual(['oxygen', 'oxygen', 'heart', 'breath', 'temperature', 'general', 'general'])
  })
})

describe('the order of alarms', () => {
  it('is unanswered, then priority, then patients before equipment, whatever the order they came in', () => {
    const sorted = [
      alarm({ id: '1' }), alarm({ id: '2', state: 'latched' }), alarm({ id: '3', priority: 'medium' }), alarm({ id: '4', priority: 'medium', kind: 'technical' }), alarm({ id: '5', priority: 'low' }), alarm({ id: '6', state: 'acknowledged' }),
    ]
    fc.assert(fc.property(fc.shuffledSubarray(sorted, { minLength: 6 }), (mixed) => {
      expect([...mixed].sort(byNeed).map((a) => a.id)).toEqual(['1', '2', '3', '4', '5', '6'])
      expect(mostUrgent(mixed)?.id).toBe('1')
    }), { seed: 11 })
  })

  it('has one call for a patient with several conditions', () => {
    expect(onePerPatient([alarm({ id: '1' }), alarm({ id: '2', stayId: 't' }), alarm({ id: '3' }), alarm({ id: '4' })]).map((e) => [e.alarm.id, e.more])).toEqual([['1', 2], ['2', 0]])
  })
})

describe('a draft of limits', () => {
  const row: LimitRow = { condition: 'low:spo2', unit: '%', range: [70, 99], inForce: { value: 90, delayS: 10, priority: 'high' }, profile: { value: 90, delayS: 10, priority: 'high' } }
  it('holds only what differs, never outside what may be set', () => {
    const draft = withLimit({}, row, { value: 88, delayS: 10, priority: 'high' })
    expect(Object.keys(draft)).toEqual(['low:spo2'])
    expect(withLimit(draft, row, row.inForce)).toEqual({})
    expect(withLimit({}, row, null)).toEqual({ 'low:spo2': null })
    expect([clamped(120, [70, 99], 1), clamped(-3, [70, 99], 1), clamped(36.24, [30, 38], 0.1)]).toEqual([99, 70, 36.2])
    expect(changeFrom({ version: 4 } as never, draft, ' order ', 60)).toEqual({ version: 4, reason: 'order', limits: draft, expiresInMinutes: 60 })
  })
})

describe('what a person types in', () => {
  it('is sent only as far as it was filled in, and not at all when a number is none', () => {
    expect(observationFrom(emptyObservation())).toBeUndefined()
    expect(observationFrom({ ...emptyObservation(), consciousness: 'A', oxygen: 'no', sys: '118', temp: '36,8' })).toEqual({ consciousness: 'A', oxygen: false, sys: 118, temp: 36.8 })
    expect(observationFrom({ ...emptyObservation(), sys: '118/70' })).toBeUndefined()
  })

  it('counting reads as people say it', () => {
    expect([0, 7_900, 72_000, 725_000, 3_723_000, -5].map(minutesAndSeconds)).toEqual(['0:00', '0:07', '1:12', '12:05', '1:02:03', '0:00'])
  })
})
