import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Consciousness, news2, news2At, type News2Inputs, OBSERVATION_MS, OBSERVATION_WHEN_ILL_MS, SENSOR_VALUE_MS } from '../../src/alarms/news2.ts'

interface Vector {
  input: { resp_rate: number; spo2: number; scale: 1 | 2; oxygen: boolean; sys: number; pulse: number; conscious: Consciousness; temp: number }
  expect: { parts: Record<string, number>; total: number; risk: string }
}
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'data', 'news2-vectors.json'), 'utf8')) as Vector[]
const inputsOf = ({ input: i }: Vector): News2Inputs => ({ respRate: i.resp_rate, spo2: i.spo2, oxygen: i.oxygen, sys: i.sys, pulse: i.pulse, consciousness: i.conscious, temp: i.temp })

const well: News2Inputs = { respRate: 16, spo2: 97, oxygen: false, sys: 120, pulse: 70, consciousness: 'A', temp: 37 }

describe('NEWS2', () => {
  it('agrees with all 488 vectors of the published table, part by part', () => {
    expect(vectors).toHaveLength(488)
    for (const vector of vectors) {
      const { parts, total, risk, complete } = news2(inputsOf(vector), vector.input.scale)
      const { resp_rate, conscious, ...same } = vector.expect.parts
      expect([parts, total, risk, complete], JSON.stringify(vector.input)).toEqual([{ ...same, respRate: resp_rate, consciousness: conscious }, vector.expect.total, vector.expect.risk, true])
    }
  })

  it.each([
    [{ ...well, respRate: 8.4 }, 3], [{ ...well, respRate: 8.5 }, 1], [{ ...well, respRate: 11.5 }, 0],
    [{ ...well, spo2: 95.4 }, 1], [{ ...well, spo2: 95.5 }, 0],
    [{ ...well, temp: 38.04 }, 0], [{ ...well, temp: 38.05 }, 1], [{ ...well, temp: 35.04 }, 3], [{ ...well, temp: 35.05 }, 1],
  ])('rounds before it looks into the table: %o', (inputs, total) => expect(news2(inputs).total).toBe(total))

  it('says what is missing, and then tells the least the score can be', () => {
    const score = news2({ respRate: 25, spo2: 97, pulse: 70, temp: 37, sys: undefined })
    expect(score).toMatchObject({ total: 3, complete: false, missing: ['oxygen', 'sys', 'consciousness'], risk: 'low-medium' })
    expect(news2({})).toEqual({ total: 0, parts: {}, missing: ['respRate', 'spo2', 'oxygen', 'sys', 'pulse', 'consciousness', 'temp'], risk: 'low', complete: false })
  })

  it('without an input is never higher than with it, whatever the input', () => {
    const inputs = fc.record({
      respRate: fc.integer({ min: 0, max: 60 }), spo2: fc.integer({ min: 60, max: 100 }), oxygen: fc.boolean(), sys: fc.integer({ min: 60, max: 250 }),
      pulse: fc.integer({ min: 20, max: 200 }), consciousness: fc.constantFrom<Consciousness>('A', 'C', 'V', 'P', 'U'), temp: fc.double({ min: 33, max: 42, noNaN: true }),
    })
    fc.assert(fc.property(inputs, fc.constantFrom<1 | 2>(1, 2), fc.constantFrom('respRate', 'spo2', 'oxygen', 'sys', 'pulse', 'consciousness', 'temp'), (whole, scale, without) => {
      const part = news2({ ...whole, [without]: undefined }, scale)
      expect(part.total).toBeLessThanOrEqual(news2(whole, scale).total)
      expect(part.complete).toBe(false)
    }))
  })
})

describe('NEWS2 of a stay at one time', () => {
  const at = <T>(value: T, atMs: number) => ({ value, atMs })
  const H = 3_600_000
  const now = 100 * H

  it('forgets what was typed in after twelve hours', () => {
    const sources = { measured: { respRate: at(16, now), spo2: at(97, now), pulse: at(70, now), temp: at(37, now) }, typed: { consciousness: at<Consciousness>('A', now - OBSERVATION_MS + 1), oxygen: at(false, now), sys: at(120, now) } }
    expect(news2At(sources, now)).toMatchObject({ total: 0, complete: true, oldestMs: now - OBSERVATION_MS + 1 })
    expect(news2At(sources, now + 1)).toMatchObject({ complete: false, missing: ['consciousness'] })
  })

  it('forgets it after four hours once the score is 5 or more', () => {
    const typedAt = now - OBSERVATION_WHEN_ILL_MS - 1
    const sources = { measured: { respRate: at(25, now), spo2: at(91, now), pulse: at(70, now), temp: at(37, now) }, typed: { consciousness: at<Consciousness>('A', typedAt), sys: at(120, now) } }
    expect(news2At(sources, now)).toMatchObject({ total: 6, missing: ['oxygen', 'consciousness'] })
  })

  it('does not go on with the value of a sensor that fell silent', () => {
    const sources = { measured: { respRate: at(16, now - SENSOR_VALUE_MS), pulse: at(70, now - SENSOR_VALUE_MS + 1) }, typed: {} }
    expect(news2At(sources, now).parts).toEqual({ pulse: 0 })
  })

  it('takes the newer of a typed and a measured value', () => {
    const sources = { measured: { respRate: at(25, now - 60_000) }, typed: { respRate: at(16, now) } }
    expect(news2At(sources, now).parts).toEqual({ respRate: 0 })
  })
})
