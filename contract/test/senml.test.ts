import { describe, expect, it } from 'vitest'
import { isSenml, readSenml } from '../src/senml.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const T = NOW / 1_000

describe('a pack of SenML', () => {
  it('resolves bases and joins what was measured at one moment', () => {
    const { objects, refused } = readSenml(
      [
        { bn: 'urn:dev:ow:10e2073a01080063:', bt: T, bu: '%', bver: 10, n: 'spo2', v: 97 },
        { n: 'pr', u: 'beat/min', v: 72 },
        { n: 'temp', u: 'K', v: 309.95, t: 1 },
        { n: 'perfusion_index', v: 3.1, t: 1 },
      ],
      NOW,
    )
    expect(refused).toEqual([])
    expect(objects).toEqual([
      { e: `senml${NOW / 3_600_000}`, s: expect.any(Number), t: NOW, m: { spo2: 97, pr: 72 } },
      { e: `senml${NOW / 3_600_000}`, s: expect.any(Number), t: NOW + 1_000, m: { temp: 36.8, pi: 3.1 } },
    ])
  })

  it('the same values of the same moment have the same number, others another', () => {
    const pack = (v: number) => readSenml([{ n: 'pr', u: 'beat/min', v, t: T }], NOW + 5_000).objects[0]
    expect(pack(72)).toEqual(pack(72))
    expect(pack(73)?.s).not.toBe(pack(72)?.s)
  })

  it('a time below 2^28 is relative to now, and pressure comes in pascal', () => {
    expect(readSenml([{ n: 'paw', u: 'Pa', v: 980.665, t: -5 }, { n: 'sys', u: 'Pa', v: 15_998.7 }], NOW).objects.map(({ t, m }) => [t, m])).toEqual([
      [NOW - 5_000, { paw: 10 }],
      [NOW, { sys: expect.closeTo(120, 2) }],
    ])
  })

  it('bases add up, a ratio is carried into percent, an unknown name is kept', () => {
    expect(readSenml([{ bv: 0.9, n: 'ward/bed/spo2', u: '/', v: 0.07 }, { n: 'bowl temperature!', bv: 0, v: 1 }], NOW).objects[0]?.m).toEqual({ spo2: 97, bowl_temperature: 1 })
  })

  it.each([
    [{ n: 'spo2', u: 'Cel', v: 37 }, 'unit Cel'],
    [{ n: 'mood', vs: 'good' }, 'no number'],
    [{ n: 'pr', v: 'fast' }, 'no number'],
    [{ n: '///', v: 1 }, 'name'],
    [{ n: 'pr', v: 1, t: 'noon' }, 'time'],
    [{ n: 'pr', v: 1, secret_: 1 }, 'must be understood'],
    [{ bver: 11, n: 'pr', v: 72 }, 'newer version'],
  ])('%j is refused for its own reason, and its neighbour is kept', (record, why) => {
    const { objects, refused } = readSenml([record, { bver: 10, n: 'rr', u: '1/min', v: 14 }], NOW)
    expect(refused).toEqual([{ record, why: expect.stringContaining(why) }])
    expect(objects.map(({ m }) => m)).toEqual([{ rr: 14 }])
  })

  it('is not mistaken for telemetry, nor telemetry for it', () => {
    expect(isSenml([{ e: 'a', s: 1, t: 1, m: { pr: 72 } }])).toBe(false)
    expect([isSenml([]), isSenml({ n: 'pr' }), isSenml([1]), isSenml([{ bn: 'x' }])]).toEqual([false, false, false, true])
  })
})
