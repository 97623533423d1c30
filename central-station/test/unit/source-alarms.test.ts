import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceEvent } from '@vigil/contract'
import { AlarmBook, type AlarmLogRecord, alarmSentence, kindOf } from '@vigil/contract/alarms'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { watchSources } from '../../src/alarms/engine/source-alarms.ts'
import type { LiveHub } from '../../src/live/live-hub.ts'
import type { LiveListener } from '../../src/live/live-device.ts'
import type { Registry } from '../../src/registry/registry.ts'

const STAY = '019ca6b1-e3d0-7a15-b952-d8d7791c2fd3'

describe('a monitor\'s own alarms', () => {
  let clock: ManualClock
  let log: AlarmLogRecord[]
  let book: AlarmBook
  let listener: LiveListener
  let status: string
  let stop: () => void

  beforeEach(() => {
    clock = manualClock()
    log = []
    book = new AlarmBook((record) => log.push(record))
    book.watch({ subject: { kind: 'stay', id: STAY }, place: { site: 'main', wardId: 'icu', bedId: 'icu-1', stayId: STAY, deviceId: 'hl7-mon', mode: 'real' }, off: new Set(), rules: { reAlarmMs: 180_000 } }, clock.now())
    status = 'online'
    const hub = { listen: (heard: LiveListener) => { listener = heard; return () => undefined }, status: () => status } as unknown as LiveHub
    const registry = { now: () => ({ stayOfDevice: new Map([['hl7-mon', { id: STAY }]]) }) } as unknown as Registry
    stop = watchSources({ book, hub, registry, clock, flush: () => undefined })
  })

  const says = (data: Record<string, string | number>, ph: DeviceEvent['ph'] = 'once') => listener.event?.('hl7-mon', { e: 'hl7', s: 1, ev: 'source_alarm', ph, data: { event: '196674', source: '150456', type: 'physiological', priority: 'medium', state: 'active', ...data } })
  const steps = () => log.flatMap((record) => (record.stream === 'alarm' ? [`${record.condition} ${record.what}${record.set.priority ? ` ${record.set.priority}` : ''}`] : []))
  const open = () => [...book.all()].map(({ condition, state }) => [condition, state.phase, state.priority])

  it('are in the list as the monitor\'s, with its priority, and a repetition is no new alarm', () => {
    says({ value: 88 }, 'start')
    says({ value: 87 })
    clock.advance(20_000)
    says({ value: 87 })
    expect(open()).toEqual([['source_physiological:e196674m150456', 'active', 'medium']])
    expect(steps().filter((step) => step.includes('announced'))).toHaveLength(1)
    expect(kindOf('source_physiological:e196674m150456')).toBe('physiological')
    expect(alarmSentence({ condition: 'source_physiological:e196674m150456', value: 87 })).toBe('Monitor: Oxygen saturation by pulse oximetry too low')
    says({ type: 'technical', event: '196916', source: '' }, 'start')
    expect(open()).toContainEqual(['source_technical:e196916m', 'active', 'medium'])
    expect(kindOf('source_technical:e196916m')).toBe('technical')
    stop()
  })

  it('become more urgent when the monitor says so', () => {
    says({}, 'start')
    says({ priority: 'high' })
    expect(open()).toEqual([['source_physiological:e196674m150456', 'active', 'high']])
    stop()
  })

  it('are acknowledged when they were acknowledged at the bedside, and by whom is said', () => {
    says({}, 'start')
    says({ inactivation: 'alert-acknowledged' })
    expect(open()).toEqual([['source_physiological:e196674m150456', 'acknowledged', 'medium']])
    expect(log.findLast((record) => record.what === 'acknowledged')?.by).toEqual({ user: 'bedside monitor', role: 'device', origin: 'hl7-mon' })
    stop()
  })

  it('are over when the monitor says so', () => {
    says({}, 'start')
    says({ state: 'inactive' }, 'end')
    clock.advance(2_000)
    book.tick(clock.now())
    expect(open()).toEqual([])
    stop()
  })

  it('are over when the monitor is lost: nobody knows what it holds', () => {
    says({}, 'start')
    clock.advance(5_000)
    expect(open()).toHaveLength(1)
    status = 'lost'
    clock.advance(2_000)
    book.tick(clock.now())
    expect(open()).toEqual([])
    stop()
  })

  it('signs of life raise nothing, and their end does, until they are back or the monitor was switched off', () => {
    const alive = (ph: DeviceEvent['ph'] = 'once') => says({ priority: 'none', type: 'technical', state: ph === 'end' ? 'inactive' : 'active' }, ph)
    alive()
    clock.advance(20_000)
    alive()
    clock.advance(50_000)
    expect(open()).toEqual([])
    clock.advance(15_000)
    expect(open()).toEqual([['source_silent', 'active', 'medium']])
    alive()
    clock.advance(2_000)
    book.tick(clock.now())
    expect(open()).toEqual([])
    alive('end')
    clock.advance(600_000)
    expect(open()).toEqual([])
    stop()
  })
})
