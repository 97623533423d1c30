import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packQuality, signalByName, wireSignals } from '@vigil/contract'
import { type ExportPage, headingOf, linesOf } from '../../src/exports/export-lines.ts'
import { type ExportSpan, withoutOverlap } from '../../src/exports/export-spans.ts'
import { readByteRange } from '../../src/http/byte-range.ts'

const T = Date.UTC(2026, 0, 1)
const page = (more: Partial<ExportPage> = {}): ExportPage => ({
  t: Float64Array.of(T, T + 1_000),
  seq: Float64Array.of(7, 8),
  lagMs: Float64Array.of(100, 5_000),
  flags: Float64Array.of(0, 3),
  signals: new Map([['spo2', Float64Array.of(97.5, Number.NaN)], ['temp', Float64Array.of(Number.NaN, 36.8)]]),
  quality: [packQuality({ sq: { spo2: 87 }, q: { spo2: 'motion' } }), packQuality({ x: { spo2: 'off', rr: 'warmup' } })],
  asked: [],
  ...more,
})

describe('a line of an export', () => {
  it('has value, unit, quality and where it came from, and says of what is not there why', () => {
    expect(headingOf('csv')).toBe('time,device,stay,signal,value,unit,quality,signal_quality,lane,clock,lag_ms,seq\r\n')
    expect([...linesOf(page(), { deviceId: 'b-1', stayId: 's-1' }, 'csv')]).toEqual([
      '2026-01-01T00:00:00.000Z,b-1,s-1,spo2,97.5,%,motion,87,tele,,100,7\r\n',
      '2026-01-01T00:00:01.000Z,b-1,s-1,spo2,,%,off,,backlog,suspect,5000,8\r\n',
      '2026-01-01T00:00:01.000Z,b-1,s-1,temp,36.8,Cel,,,backlog,suspect,5000,8\r\n',
      '2026-01-01T00:00:01.000Z,b-1,s-1,rr,,/min,warmup,,backlog,suspect,5000,8\r\n',
    ])
  })

  it('is the same as an object of NDJSON, with null for what is not there', () => {
    expect([...linesOf(page(), { deviceId: 'b-1', stayId: undefined }, 'ndjson')].map((line) => JSON.parse(line) as object).slice(0, 2)).toEqual([
      { time: '2026-01-01T00:00:00.000Z', device: 'b-1', signal: 'spo2', value: 97.5, unit: '%', quality: 'motion', signal_quality: 87, lane: 'tele', lag_ms: 100, seq: 7 },
      { time: '2026-01-01T00:00:01.000Z', device: 'b-1', signal: 'spo2', value: null, unit: '%', quality: 'off', lane: 'backlog', clock: 'suspect', lag_ms: 5_000, seq: 8 },
    ])
    expect([...linesOf(page({ asked: ['temp'], signals: new Map([['temp', Float64Array.of(Number.NaN, 36.8)]]) }), { deviceId: 'b', stayId: undefined }, 'ndjson')]).toHaveLength(1)
  })

  it('needs no quotes in CSV: no name and no unit of the catalogue holds a comma or a quote', () => {
    for (const name of Object.keys(wireSignals)) expect(`${name}${signalByName(name)?.ucum ?? ''}`).not.toMatch(/[",\r\n]/)
  })
})

describe('what was asked for twice', () => {
  it('by bed, stay and device is told once, under the stay', () => {
    const span = (deviceNo: number, fromMs: number, toMs: number, stayId?: string): ExportSpan => ({ deviceNo, deviceId: `d${deviceNo}`, fromMs, toMs, stayId })
    expect(withoutOverlap([span(1, 0, 100), span(1, 20, 40, 'a'), span(1, 10, 40, 'a'), span(2, 5, 6)])).toEqual([span(1, 0, 10), span(1, 10, 20, 'a'), span(1, 20, 40, 'a'), span(1, 40, 100), span(2, 5, 6)])
  })

  it('never overlaps and never leaves anything out, whatever is asked', () => {
    const anySpan = fc.record({ deviceNo: fc.integer({ min: 1, max: 2 }), fromMs: fc.integer({ min: 0, max: 30 }), toMs: fc.integer({ min: 0, max: 30 }), stayId: fc.constantFrom('a', 'b', undefined) }).map((one) => ({ ...one, deviceId: 'd' }))
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 8 }), (asked) => {
        const told = withoutOverlap(asked)
        for (const device of [1, 2]) {
          for (let ms = 0; ms < 30; ms++) {
            const holds = (one: ExportSpan) => one.deviceNo === device && one.fromMs <= ms && ms < one.toMs
            if (told.filter(holds).length !== (asked.some(holds) ? 1 : 0)) return false
          }
        }
        return true
      }),
    )
  })
})

describe('a part of a file', () => {
  const ask = (header: string | undefined, ifRange?: string) => readByteRange(header, 1_000, { etag: '"e"', ifRange })
  it.each([
    ['bytes=100-', { kind: 'part', from: 100, to: 999 }],
    ['bytes=100-199', { kind: 'part', from: 100, to: 199 }],
    ['bytes=-10', { kind: 'part', from: 990, to: 999 }],
    ['bytes=0-9999', { kind: 'part', from: 0, to: 999 }],
    ['bytes=-5000', { kind: 'part', from: 0, to: 999 }],
    ['bytes=1000-', { kind: 'none' }],
    ['bytes=-0', { kind: 'none' }],
    ['bytes=5-2', { kind: 'all' }],
    ['bytes=-', { kind: 'all' }],
    ['bytes=0-1,5-6', { kind: 'all' }],
    ['rows=0-1', { kind: 'all' }],
    [undefined, { kind: 'all' }],
  ])('%s is read as RFC 9110 says', (header, expected) => {
    expect(ask(header)).toEqual(expected)
  })

  it('is only of the file the client has begun', () => {
    expect(ask('bytes=5-', '"e"')).toMatchObject({ kind: 'part' })
    expect(ask('bytes=5-', '"other"')).toEqual({ kind: 'all' })
  })
})
