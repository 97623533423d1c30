import { describe, expect, it } from 'vitest'
import { createTemperatureJudge, createTemperatureRules } from '../../src/signals/temperature.ts'

const settled = () => {
  const rules = createTemperatureRules()
  for (let t = 0; t < 60; t += 1) rules.judge(36.8, t)
  return rules
}

describe('a temperature', () => {
  it('is told as it is once the probe has settled', () => expect(settled().judge(36.81, 60)).toEqual({ value: 36.81, sq: 100 }))

  it('is told as still settling while the probe warms up', () => {
    const rules = createTemperatureRules()
    const judged = Array.from({ length: 180 }, (_, t) => rules.judge(36.8 - 5 * Math.exp(-t / 20), t))
    expect(judged[40]).toMatchObject({ question: 'calibrating' })
    expect(judged[179]).toMatchObject({ sq: 100 })
  })

  it.each([1, 10, 45, 60, 61, 120])('settles as well when it is read every %d seconds', (everyS) => {
    const rules = createTemperatureRules()
    const judged = Array.from({ length: 600 / everyS }, (_, n) => rules.judge(36.8 - 5 * Math.exp((-n * everyS) / 40), n * everyS))
    expect(judged.at(0)).toMatchObject({ question: 'calibrating' })
    expect(judged.at(-1)).toMatchObject({ sq: 100 })
    expect(judged.at(-1)).not.toHaveProperty('question')
  })

  it('of the room is a probe that is not on the patient', () => {
    expect(settled().judge(23.4, 60).absent).toBe('off')
    expect(settled().judge(5, 60).absent).toBe('off')
  })

  it('that nobody has is a fault', () => {
    expect(settled().judge(61, 60).absent).toBe('fault')
    expect(settled().judge(Number.NaN, 60).absent).toBe('fault')
  })

  it('that jumps is doubted once and believed when it stays', () => {
    const rules = settled()
    expect(rules.judge(39.4, 60).absent).toBe('motion')
    expect(rules.judge(36.8, 61).value).toBe(36.8)
    expect(rules.judge(39.4, 62).absent).toBe('motion')
    expect(rules.judge(39.5, 63)).toMatchObject({ value: 39.5, question: 'calibrating' })
  })

  it('has its own threshold where skin is cool, and where a core never is', () => {
    const judge = createTemperatureJudge()
    expect(judge('tskin', 24, 0).value).toBe(24)
    expect(judge('temp', 24, 0).absent).toBe('off')
    expect(judge('temp', 29, 0).value).toBe(29)
    expect(judge('tcore', 29, 0).absent).toBe('off')
  })
})
