import { describe, expect, it } from 'vitest'
import { readMeasures, toMoments } from '../../src/becalm/measures.ts'
import { readAllowed } from '@vigil/program'
import { readStations } from '../../src/becalm/stations.ts'

const when = '2026-03-01T12:00:00.300000+01:00'
const T = Date.parse('2026-03-01T11:00:00.300Z')
const row = (measure_type: unknown, measure_value: unknown, date_generation: unknown = when) => ({ measure_type, measure_value, date_generation })

describe('rows of a becalm station', () => {
  it('hectopascal and pascal are told apart, and so are the air and the mask', () => {
    const { good } = readMeasures([row('p', 1013.25), row('b', 15.3), row('a', 4.2), row('q', 1018.1)])
    expect(toMoments(good)).toEqual([{ t: T, m: { pamb: 1013.25, rr: 15.3, becalm_range: 4.283, becalm_peep_abs: 1018.1 } }])
    const one = (type: string, value: number) => toMoments(readMeasures([row(type, value)]).good)[0]?.m
    expect([one('p', 101_325), one('p', 9.8), one('p', 980.665), one('q', 5), one('q', 500)]).toEqual([{ pamb: 1013.25 }, { paw: 9.993 }, { pamb: 980.665 }, { peep: 5.099 }, { peep: 5.099 }])
  })
  it('one bad row does not refuse the batch', () => {
    const { good, refused } = readMeasures([row('h', 72), row('z', 1), row('h', 'fast'), row('h', 60, 'noon'), row('p', 20_000), 7, row('o', '97')])
    expect(good.map(({ type, value }) => [type, value])).toEqual([['h', 72], ['o', 97]])
    expect(refused.map(({ why }) => why)).toEqual(['type', 'number', 'time', 'implausible', 'not_an_object'])
  })
})

describe('who may call, and for whom', () => {
  it('reads stations and refuses what is none', () => {
    expect(readStations('2:1=becalm-1, 3:2=becalm-2')).toEqual([{ patient: 2, device: 1, deviceId: 'becalm-1' }, { patient: 3, device: 2, deviceId: 'becalm-2' }])
    for (const wrong of ['2=becalm-1', '2:1=../etc', '2:1=a,2:2=b', '2:1=a,3:2=a', '']) expect(() => readStations(wrong), wrong).toThrow('VIGIL_BECALM_STATIONS')
  })
  it('knows addresses and networks, and no whole internet', () => {
    const allowed = readAllowed('192.168.7.20, 10.1.0.0/16, ::1', 'VIGIL_BECALM_ALLOW')
    expect(['192.168.7.20', '::ffff:10.1.200.3', '::1', '192.168.7.21', '10.2.0.1', 'nonsense'].map(allowed)).toEqual([true, true, true, false, false, false])
    for (const wrong of ['0.0.0.0/0', 'host.example', '10.1.0.0/33']) expect(() => readAllowed(wrong, 'VIGIL_BECALM_ALLOW'), wrong).toThrow('VIGIL_BECALM_ALLOW')
  })
})
