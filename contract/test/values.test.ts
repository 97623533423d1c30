import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshnessAt, freshnessLimits } from '../src/freshness.ts'
import { judgeSample, judgeTime } from '../src/plausibility.ts'
import { absenceReasons, packQuality, questionReasons, unpackQuality, type SampleQuality } from '../src/quality.ts'
import { wireSignals, type SignalName } from '../src/catalogue.ts'
import { WAVE_GAP, decodeWaveFrame, encodeWaveFrame, waveValues } from '../src/messages/waveform.ts'

const sample = (m: Record<string, number>) => ({ e: 'a1', s: 1, t: 0, m })

describe('a value is believed only inside its plausible range', () => {
  it.each([['spo2', 127], ['spo2', -1], ['pr', 65535], ['pr', 0], ['temp', -256], ['temp', 0]])('%s %d is an absence, its number kept', (name, value) => {
    const judged = judgeSample(sample({ [name]: value }))
    expect(judged.values).toEqual({})
    expect(judged.quality.x).toEqual({ [name]: 'implausible' })
    expect(judged.implausible).toEqual({ [name]: value })
  })

  it('keeps a signal nobody knows apart, raw', () => {
    expect(judgeSample(sample({ pr: 72, foo: 5 }))).toMatchObject({ values: { pr: 72 }, unmapped: { foo: 5 } })
  })

  it('reads a reason of a newer protocol as the general one', () => {
    const judged = judgeSample({ ...sample({ pr: 72 }), q: { pr: 'wobbly' }, x: { spo2: 'on-holiday' } })
    expect(judged.values).toEqual({ pr: 72 })
    expect(judged.quality).toMatchObject({ q: { pr: 'low' }, x: { spo2: 'fault' } })
  })
})

describe('a device clock is believed within reason', () => {
  const received = Date.UTC(2026, 5, 1)
  it.each([
    ['now', received, received, undefined],
    ['a week late', received - 7 * 86_400_000, received - 7 * 86_400_000, undefined],
    ['9 minutes ahead', received + 540_000, received + 540_000, undefined],
    ['11 minutes ahead', received + 660_000, received, received + 660_000],
    ['1970', 0, received, 0],
  ])('%s', (_, t, kept, claimed) => expect(judgeTime({ t }, received)).toEqual({ t: kept, claimedT: claimed }))

  it('dates a board without a clock by its uptime', () => {
    expect(judgeTime({ up: 4_000 }, received, 10_000)).toEqual({ t: received - 6_000, claimedT: undefined })
  })
})

describe('quality', () => {
  it('comes out of its bytes as it went in', () => {
    const names = fc.constantFrom(...(Object.keys(wireSignals) as SignalName[]))
    const quality = fc.record({
      q: fc.dictionary(names, fc.constantFrom(...questionReasons)),
      x: fc.dictionary(names, fc.constantFrom(...absenceReasons)),
      sq: fc.dictionary(names, fc.integer({ min: 0, max: 100 })),
    })
    fc.assert(fc.property(quality, (given) => {
      expect(unpackQuality(packQuality(given as SampleQuality))).toEqual({ q: { ...given.q }, x: { ...given.x }, sq: { ...given.sq } })
    }), { seed: 5 })
  })

  it('costs nothing when there is nothing to say', () => expect(packQuality({})).toBeUndefined())
})

describe('freshness', () => {
  it('of a value each second: live to 3 s, late to 5 s, then stale', () => {
    const limits = freshnessLimits(1_000)
    expect([0, 3_000, 3_001, 5_000, 5_001].map((age) => freshnessAt(0, age, limits))).toEqual(['live', 'live', 'late', 'late', 'stale'])
  })
  it('of nothing is never', () => expect(freshnessAt(undefined, 0, freshnessLimits(1_000))).toBe('never'))
  it('keeps stale within five minutes however rare the value', () => expect(freshnessLimits(3_600_000).staleAfterMs).toBe(300_000))
})

describe('a waveform frame', () => {
  const frame = { seq: 7, t0Us: 1_772_362_800_250_000, hz: 25, scale: 0.5, offset: 10, samples: Int16Array.of(0, 2, WAVE_GAP, -4) }

  it('comes out as it went in, with the gap as a gap', () => {
    const read = decodeWaveFrame(encodeWaveFrame(frame))
    expect(read).toEqual(frame)
    expect([...waveValues(frame)]).toEqual([10, 11, Number.NaN, 8])
  })

  it('is refused when cut, padded, of another kind or with an impossible rate', () => {
    const bytes = encodeWaveFrame(frame)
    expect(decodeWaveFrame(bytes.subarray(0, bytes.length - 1))).toBeUndefined()
    expect(decodeWaveFrame(Uint8Array.of(...bytes, 0))).toBeUndefined()
    expect(decodeWaveFrame(Uint8Array.of(0x58, ...bytes.subarray(1)))).toBeUndefined()
    expect(decodeWaveFrame(encodeWaveFrame({ ...frame, hz: Number.NaN }))).toBeUndefined()
  })

  it('never throws on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => { decodeWaveFrame(bytes) }), { seed: 6 })
  })
})
