import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMonitorReference } from '../../src/sim/monitor-reference.ts'
import { parseMaskRecording, parsePulseRecording } from '../../src/sim/recording.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { durationS, valueAt } from '../../src/sim/waveform.ts'

describe('a waveform', () => {
  const sine = { hz: 30, values: Float32Array.from({ length: 300 }, (_, i) => Math.sin((2 * Math.PI * i) / 30)) }

  it('passes through its samples and stays close to the curve between them', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (tS) => {
        expect(valueAt(sine, tS)).toBeCloseTo(Math.sin(2 * Math.PI * tS), 3)
      }),
      { seed: 30 },
    )
    expect(valueAt(sine, 7 / 30)).toBeCloseTo(sine.values[7] ?? 0, 6)
  })

  it('begins again when it ends, before its start as well', () => {
    expect(durationS(sine)).toBe(10)
    expect(valueAt(sine, 12.34)).toBeCloseTo(valueAt(sine, 2.34), 6)
    expect(valueAt(sine, -7.66)).toBeCloseTo(valueAt(sine, 2.34), 6)
  })
})

describe('the monitors beside a recording', () => {
  const header = `\uFEFFTime,SpO2 1,SpO2 2,SpO2 3,SpO2 4,SpO2 5,${'x,'.repeat(20)}`
  const row = (second: number, spo2: string, hr: number, rr: number) => ` 09:25:${second},${spo2},${'0,'.repeat(20)}${hr},20,5,34,${rr},0,0,0,20.8`
  const rows = Array.from({ length: 30 }, (_, s) => row(s, '97,96,0,98,99', 60 + s, s === 20 ? 0 : 12 + s))
  const reference = parseMonitorReference([header, ...rows, `Collection Halted${','.repeat(49)}`].join('\n'))

  it('are moved back by what they lag', () => {
    expect(reference.heartRateAt(0)).toBe(70)
    expect(reference.heartRateAt(4.9)).toBe(74)
    expect(reference.breathingRateAt(0)).toBe(27)
  })

  it('have nothing where they showed 0, had halted, or the recording is over', () => {
    expect(reference.breathingRateAt(5)).toBeUndefined()
    expect(reference.heartRateAt(20)).toBeUndefined()
    expect(reference.heartRateAt(500)).toBeUndefined()
  })

  it('agree on the middle of those oximeters that showed something', () => {
    expect(reference.spo2At(0)).toBe(97.5)
    const odd = parseMonitorReference([header, row(0, '97,0,0,98,99', 60, 12)].join('\n'))
    expect(odd.spo2At(0)).toBe(98)
    const none = parseMonitorReference([header, row(0, '0,0,0,0,0', 60, 12)].join('\n'))
    expect(none.spo2At(0)).toBeUndefined()
  })
})

describe('a mask recording', () => {
  const rows = (cells: string[]) => ['Time [s],P,Q,R', ...cells.map((cell, i) => `${i},${cell},1638,1638`)].join('\n')

  it('is in cmH2O by the recorder\'s own scale, without the samples in which it settled', () => {
    const { cmH2O, bridged } = parseMaskRecording('m', rows([...Array<string>(5).fill('0'), '1638', '14745', ...Array<string>(5).fill('0')]), 12)
    expect([...cmH2O.values]).toEqual([0, expect.closeTo(25.4, 4)])
    expect(bridged).toBe(0)
  })

  it('bridges what is not a number and counts it', () => {
    const { cmH2O, bridged } = parseMaskRecording('m', rows([...Array<string>(5).fill('0'), '1638', 'bad data', '', '14745', ...Array<string>(5).fill('0')]), 12)
    expect(bridged).toBe(2)
    expect(cmH2O.values[1]).toBeCloseTo(12.7, 4)
    expect(cmH2O.values[2]).toBeCloseTo(12.7, 4)
  })

  it('is refused when it holds no numbers', () => {
    expect(() => parseMaskRecording('m', 'Time,P\nbad,data', 12)).toThrow('no numbers')
    expect(() => parsePulseRecording('p', 'R,G,B', '')).toThrow('no numbers')
  })
})

describe('the recordings that come with the agent', () => {
  const recordings = openRecordings()

  it('are six fingers of a quarter of an hour, each with a pulse around its mean', () => {
    expect(recordings.pulseIds).toHaveLength(6)
    for (const id of recordings.pulseIds) {
      const { infrared, reference } = recordings.pulse(id)
      expect(durationS(infrared)).toBeGreaterThan(900)
      expect(infrared.values.every((value) => value > 0.5 && value < 1.5)).toBe(true)
      expect(reference.heartRateAt(300)).toBeGreaterThan(40)
      expect(reference.heartRateAt(300)).toBeLessThan(120)
      expect(reference.breathingRateAt(300)).toBeGreaterThan(5)
    }
  })

  it('are eight masks at CPAP pressure, with their few faulty rows bridged', () => {
    expect(recordings.maskIds).toHaveLength(8)
    const bridged = recordings.maskIds.map((id) => {
      const { cmH2O } = recordings.mask(id)
      const mean = cmH2O.values.reduce((sum, value) => sum + value, 0) / cmH2O.values.length
      expect(mean).toBeGreaterThan(5)
      expect(mean).toBeLessThan(7)
      return recordings.mask(id).bridged
    })
    expect(bridged).toEqual([0, 0, 0, 0, 0, 1, 1, 1])
  })

  it('are read once', () => {
    expect(recordings.pulse('100001-left')).toBe(recordings.pulse('100001-left'))
  })

  it('refuse a name that is not there', () => {
    expect(() => recordings.pulse('nobody')).toThrow('There is no recording called nobody')
    expect(() => recordings.mask('nobody')).toThrow('There is no recording called nobody')
  })
})
