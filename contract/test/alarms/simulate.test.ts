import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figuresOf, type LimitSet, measuredMs, profileLimits, simulateAlarms, type StoredValues } from '../../src/alarms/index.ts'
import type { SignalName } from '../../src/catalogue.ts'

const T = Date.UTC(2026, 0, 1)
/** One value a second; `runs` of [seconds, value]. */
const stored = (signal: SignalName, ...runs: [number, number | null][]): StoredValues => {
  const values = runs.flatMap(([seconds, value]) => Array.from({ length: seconds }, () => value))
  return { times: values.map((_, i) => T + i * 1_000), columns: new Map([[signal, values]]) }
}
const only = (key: 'low:spo2', value: number, delayMs: number): LimitSet => ({ ...profileLimits.adult, 'desat:spo2': null, [key]: { value, delayMs, priority: 'high' } })

describe('the limit simulator', () => {
  it('counts what would have been announced, from the announcement to the end of the condition', () => {
    const night = stored('spo2', [60, 97], [40, 85], [60, 97], [5, 85], [60, 97])
    expect(simulateAlarms(night, only('low:spo2', 90, 10_000))).toEqual([{ condition: 'low:spo2', fromMs: T + 70_000, toMs: T + 100_000 }])
    expect(simulateAlarms(night, only('low:spo2', 90, 3_000))).toHaveLength(2)
    expect(simulateAlarms(night, only('low:spo2', 84, 3_000))).toEqual([])
  })

  it('knows an alarm that is still on at the end, and two that follow a latched one', () => {
    expect(simulateAlarms(stored('spo2', [60, 97], [30, 85]), only('low:spo2', 90, 10_000))).toEqual([{ condition: 'low:spo2', fromMs: T + 70_000, toMs: T + 89_000 }])
    expect(simulateAlarms(stored('spo2', [20, 85], [30, 97], [20, 85], [30, 97]), only('low:spo2', 90, 10_000))).toHaveLength(2)
  })

  it('tells figures per patient and day, and the critical minutes nobody would have been called for', () => {
    const night = stored('spo2', [3_600, 97], [120, 78], [3_480, 97])
    const critical = simulateAlarms(night, only('low:spo2', 80, 0))
    expect(critical.map(({ fromMs, toMs }) => (toMs - fromMs) / 1_000)).toEqual([120])
    const alarms = simulateAlarms(night, only('low:spo2', 90, 15_000))
    expect(figuresOf(alarms, measuredMs(night.times), critical)).toMatchObject({ alarms: 1, medianSeconds: 105, clearedWithin15s: 0, missedCriticalMinutes: 0.25 })
    expect(figuresOf([], measuredMs(night.times), critical).missedCriticalMinutes).toBe(2)
    expect(Math.round(figuresOf(alarms, measuredMs(night.times), critical).alarmsPerDay)).toBe(12)
  })

  it('a value beyond the limit in the very second the last alarm was over is the next alarm', () => {
    expect(simulateAlarms(stored('spo2', [1, 80], [5, 92], [5, 80]), only('low:spo2', 90, 0))).toEqual([
      { condition: 'low:spo2', fromMs: T, toMs: T + 1_000 },
      { condition: 'low:spo2', fromMs: T + 6_000, toMs: T + 10_000 },
    ])
  })

  it('never finds more time in alarm with a longer delay', () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 80, max: 99 })), { minLength: 1, maxLength: 30 })
    fc.assert(fc.property(runs, fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }), (values, a, b) => {
      const night = stored('spo2', ...values)
      const time = (seconds: number) => simulateAlarms(night, only('low:spo2', 90, seconds * 1_000)).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
      expect(time(Math.max(a, b))).toBeLessThanOrEqual(time(Math.min(a, b)))
    }))
  })
})
