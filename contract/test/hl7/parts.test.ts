import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ackCode, decodeText, encodeText, matchCode, mdcNumber, readDelimiters, readTime, usualDelimiters, writeSegment, writeTime } from '../../src/hl7/index.ts'
import { readNumber } from '../../src/hl7/numbers.ts'
import { toCatalogueUnit } from '../../src/hl7/units.ts'

describe('escapes', () => {
  it('bring every text back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(encodeText(text, usualDelimiters), usualDelimiters)).toBe(text)
      }), { seed: 11, numRuns: 500 })
  })

  it('keep what they do not know, and lone marks', () => {
    const text = String.raw`pipe \F\ caret \S\ amp \T\ tilde \R\ esc \E\ hex \X0D0A\ hi \H\x\N\ unk \Z9\ lone \ end`
    expect(decodeText(text, usualDelimiters)).toBe('pipe | caret ^ amp & tilde ~ esc \\ hex \r\n hi x unk \\Z9\\ lone \\ end')
  })

  it('never let a written value split a segment', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const line = writeSegment('OBX', { 1: a, 3: [b, 'x'] })
        expect(line.split('|')).toHaveLength(4)
        expect(['\r', '\n', '\x0b', '\x1c'].some((mark) => line.includes(mark))).toBe(false)
      }),
      { seed: 13, numRuns: 300 },
    )
  })
})

describe('delimiters', () => {
  it.each([
    ['MSH|^~\\&|A', { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&', truncation: undefined }],
    ['MSH|^~\\&#|A', { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&', truncation: '#' }],
    ['MSH#@$%!#A', { field: '#', component: '@', repetition: '$', escape: '%', subcomponent: '!', truncation: undefined }],
    // A string literal that was never read.
    ['MSH|^~\\\\&|A', { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&', truncation: undefined }],
    ['MSH|^^\\&|A', undefined],
    ['MSH|^~|A', undefined],
    ['MSH', undefined],
  ])('%s', (header, expected) => expect(readDelimiters(header)).toEqual(expected))
})

describe('times', () => {
  it.each([
    ['20260301120000+0100', '2026-03-01T11:00:00.000Z'],
    ['20260301120000.1234-0530', '2026-03-01T17:30:00.123Z'],
    ['20260301120000123+0800', '2026-03-01T04:00:00.123Z'],
    ['2026', '2026-01-01T00:00:00.000Z'],
    ['202603', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T12:00:00+01:00', '2026-03-01T11:00:00.000Z'],
    ['2026-03-01 12:00:00', '2026-03-01T12:00:00.000Z'],
    ['20260230', undefined],
    ['00000000', undefined],
    ['20261301', undefined],
    ['', undefined],
    ['soon', undefined],
  ])('%s', (text, expected) => {
    const time = readTime(text)
    expect(time && new Date(time.ms).toISOString()).toBe(expected)
  })

  it('takes the source\'s zone for a stamp without one', () => {
    expect(readTime('20260301120000', 60)).toEqual({ ms: Date.UTC(2026, 2, 1, 11), zoned: false })
  })

  it('reads what it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
        expect(readTime(writeTime(ms))).toEqual({ ms, zoned: true })
      }), { seed: 17 })
  })
})

describe('numbers', () => {
  it.each(['---', '', '""', 'NaN', '1e2', '>95', '0x10', 'twelve', '1.2.3', '12 34'])('%s is none', (text) => expect(readNumber(text).ok).toBe(false))
  it.each([[' 71 ', 71], ['+72', 72], ['-0.5', -0.5], ['.5', 0.5], ['36,7', 36.7], ['98 %', 98], ['7.', 7]])('%s', (text, value) => expect(readNumber(text)).toMatchObject({ ok: true, value }))
})

describe('codes', () => {
  it.each([
    [{ code: '150456', name: 'MDC_PULS_OXIM_SAT_O2', system: 'MDC' }, 'spo2', undefined],
    [{ code: '0002-4bb8', name: 'SpO2', system: 'MDIL' }, 'spo2', undefined],
    [{ code: '149522', name: 'MDC_PULS_RATE', system: 'MDC' }, 'pr', 'MDC_CODE_NAME_MISMATCH'],
    [{ code: '8867-4', name: 'Heart rate', system: 'LN' }, 'hr', undefined],
    [{ code: '131072', name: 'ECG_HR', system: 'EHC' }, 'hr', undefined],
  ])('%o means %s', (code, name, warning) => expect(matchCode(code)).toMatchObject({ kind: 'signal', signal: { name }, warning }))

  it('contradict each other when number and name are two signals', () => {
    expect(matchCode({ code: '150456', name: 'MDC_TEMP', system: 'MDC' })).toEqual({ kind: 'contradiction' })
  })

  it.each(['99MNDRY', 'L', ''])('of system "%s" are unknown', (system) => expect(matchCode({ code: '2453', name: 'POSITION', system })).toEqual({ kind: 'unknown' }))

  it('are one number however they are written', () => expect(mdcNumber('0002-4bb8')).toBe('150456'))
})

describe('units', () => {
  it.each([
    [98.6, ['degF'], 'Cel', 37],
    [16, ['kPa'], 'mm[Hg]', 120.01],
    [120, ['266016', 'MDC_DIM_MMHG', 'MDC'], 'mm[Hg]', 120],
    [66, ['bpm'], '/min', 66],
    [97, ['0004-0220', '%', 'MDIL'], '%', 97],
  ])('%d %o', (value, unit, ucum, expected) => expect(toCatalogueUnit(value, unit, ucum)).toMatchObject({ ok: true, value: expected }))

  it('that mean another quantity are refused', () => expect(toCatalogueUnit(97, ['mmHg'], '%')).toEqual({ ok: false }))
  it('nobody knows are refused', () => expect(toCatalogueUnit(97, ['furlong'], '%')).toEqual({ ok: false }))
  it('left out are taken for the catalogue\'s, and said', () => expect(toCatalogueUnit(97, [''], '%')).toEqual({ ok: true, value: 97, warning: 'UNIT_MISSING' }))
})

describe('the acknowledgement table', () => {
  const stored = { kind: 'stored' } as const
  const later = { kind: 'later' } as const
  const never = { kind: 'never', error: 200 } as const
  it.each([
    [stored, 'AA', 'CA', undefined, 'AA'],
    [later, 'AE', 'CE', 'CE', 'AE'],
    [never, 'AR', 'CR', 'CR', 'AR'],
    [{ kind: 'unidentified', error: 101 } as const, 'AE', 'CE', 'CE', 'AE'],
    [{ kind: 'unidentified', error: 100 } as const, 'AR', 'CR', 'CR', 'AR'],
  ])('%o', (fate, none, al, er, su) => {
    expect(['', 'AL', 'ER', 'SU'].map((accept) => ackCode(fate, accept))).toEqual([none, al, er, su])
    expect(ackCode(fate, 'NE')).toBe(none)
    expect(ackCode(fate, 'AL', 'original')).toBe(none)
    expect(ackCode(fate, 'AL', 'none')).toBeUndefined()
  })
})
