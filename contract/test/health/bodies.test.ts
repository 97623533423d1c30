import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '../../src/index.ts'
import { healthMetric, mirrorMetrics, readHealthTime } from '../../src/health/index.ts'
import { bodyOf, dataFolder, readBody } from './support.ts'

interface Expected {
  readonly file: string
  readonly rows?: number
  readonly times?: readonly { input: string; expect: string }[]
  readonly canonical?: Readonly<Record<string, readonly [number, string]>>
}
const expected = (JSON.parse(bodyOf('authored/expect.json')) as Expected[]).filter(({ file }) => file.endsWith('.json'))

describe('every authored payload', () => {
  it.each(expected.map((one) => [one.file, one] as const))('%s gives what is expected of it', (file, { rows, times, canonical }) => {
    const { values, events } = readBody(bodyOf(file))
    if (rows !== undefined) expect(values.length + events.length).toBe(rows)
    for (const { input, expect: wanted } of times ?? []) {
      const time = readHealthTime(input)
      if (wanted === 'reject') expect(time, input).toBeUndefined()
      else if (wanted === 'date-only') expect(time).toMatchObject({ dateOnly: true, offsetMinutes: undefined })
      else expect(new Date(time?.ms ?? 0).toISOString(), input).toBe(wanted)
    }
    for (const [metric, [value, unit]] of Object.entries(canonical ?? {})) {
      expect(values.find((row) => row.metric === metric)?.value).toBeCloseTo(value, 9)
      expect(healthMetric(metric)?.unit).toBe(unit)
    }
  })

  it('is read the same in pieces of any length', () => {
    for (const { file } of expected) {
      const body = bodyOf(file)
      const whole = readBody(body)
      for (const piece of [1, 2, 3, 7, 64]) expect(readBody(body, piece), `${file} in pieces of ${piece}`).toEqual(whole)
    }
  })
})

describe('what a row means', () => {
  it('heart rate is one row with three numbers; the mirror has its fifteen', () => {
    const { values } = readBody(bodyOf('authored/01-seed15-hourly.json'))
    expect(values.find(({ metric }) => metric === 'heart_rate')).toMatchObject({ low: 55, value: 62.4, aggregation: 'hour', offsetMinutes: 60 })
    expect(new Set(values.map(({ metric }) => metric))).toEqual(new Set(mirrorMetrics))
    expect(values.filter(({ metric, value }) => metric === 'flights_climbed' && value === 0)).toHaveLength(2)
  })

  it('saturation of 0.95 is 95 percent, pounds and Fahrenheit are carried over, and what came is kept', () => {
    const { values, warnings } = readBody(bodyOf('authored/07-vitals.json'))
    expect(warnings).toEqual(['FRACTION_AS_PERCENT'])
    expect(values.filter(({ metric }) => metric === 'blood_oxygen_saturation').map(({ value, raw }) => [value, raw])).toEqual([[97, undefined], [95, '{"qty":0.95,"units":"%"}']])
    expect(values.find(({ metric }) => metric === 'body_temperature')).toMatchObject({ value: 37, raw: '{"qty":98.6,"units":"degF"}' })
    expect(values.find(({ metric }) => metric === 'blood_glucose')?.parts).toBe('{"mealTime":"Before Meal"}')
    expect(values.find(({ metric }) => metric === 'apple_sleeping_wrist_temperature')?.endMs).toBe(Date.parse('2026-03-01T06:46:00+01:00'))
  })

  it('a cuff is one row with two numbers, a night keeps its stages, a stage is a metric of its own', () => {
    expect(readBody(bodyOf('authored/03-blood-pressure.json')).values[0]).toMatchObject({ value: undefined, parts: '{"systolic":128,"diastolic":82}' })
    const [night] = readBody(bodyOf('authored/05-sleep-aggregated-new.json')).values
    expect(night).toMatchObject({ value: 6.6, aggregation: 'day', startMs: Date.parse('2026-03-01T00:00:00+01:00'), offsetMinutes: 60 })
    expect(readBody(bodyOf('authored/06-sleep-segments.json')).values.map(({ metric }) => metric)).toEqual(['sleep_core', 'sleep_deep', 'sleep_awake', 'sleep_rem', 'sleep_in_bed', 'sleep_unspecified'])
  })

  it('names every row it does not take, and takes the others', () => {
    const { values, refused } = readBody(bodyOf('authored/12-hostile.json'))
    expect(values.map(({ metric, value, raw }) => [metric, value, raw])).toEqual([['heart_rate', 70, undefined], ['future_metric_x', 1, '{"units":"foo"}'], ['heart_rate', 71, undefined]])
    expect(refused.map(({ why }) => why)).toEqual(['implausible', 'implausible', 'no_time', 'no_time', 'not_an_object', 'not_an_object'])
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('reads the public payloads, data before the name and workouts beside the data included', () => {
    for (const file of readdirSync(join(dataFolder, 'public'))) readBody(bodyOf(`public/${file}`))
    const { values } = readBody(bodyOf('public/apple-health-ingester--marshal_test-05.json'))
    expect(values.map(({ metric, value }) => [metric, value])).toEqual([['active_energy', 0.768_567_743_748_451_2], ['active_energy', 0.377_848_256_251_549]])
    expect(readBody(bodyOf('public/apple-health-ingester--marshal_test-09.json')).values[0]?.value).toBeCloseTo(5.416_67, 4)
    expect(readBody('{"data":[{"data":[{"date":"2026-03-01 07:00:00 +0100","qty":60}],"name":"Heart Rate","units":"bpm"}]}').values).toHaveLength(1)
  })
})

describe('a body that means harm', () => {
  const row = (inside: string) => `{"data":{"metrics":[{"name":"heart_rate","units":"bpm","data":[{"date":"2026-03-01 07:00:00 +0100","qty":60},${inside}]}]}}`
  it('a depth bomb is one refused row, and needs no stack', () => {
    const bomb = '['.repeat(2_000_000) + ']'.repeat(2_000_000)
    expect(readBody(row(bomb), 65_536)).toMatchObject({ values: [{ value: 60 }], refused: [{ why: 'too_deep' }] })
    expect(readBody(`{"x":${bomb},"data":[]}`, 65_536).values).toEqual([])
  })
  it('NUL and halves of characters cannot reach the database', () => {
    expect(readBody(row('{"date":"2026-03-01 07:00:00 +0100","qty":60,"source":"a\\u0000b"},{"date":"2026-03-01 07:00:00 +0100","qty":60,"mood":"\\ud800"}')).refused.map(({ why }) => why)).toEqual(['text', 'text'])
    expect(readBody('{"data":{"workouts":[{"start":"2026-03-01 07:00:00 +0100","name":"a\\u0000"}]}}').refused).toEqual([{ what: 'workouts', why: 'text' }])
  })
  it('a wrong unit is refused with its reason, never carried over as if it were right', () => {
    expect(readBody(row('0').replace('bpm', 'mmHg')).refused.map(({ why }) => why)).toEqual(['unit', 'not_an_object'])
  })
  it('what is no JSON is said to be none, at any place it is cut', () => {
    const body = bodyOf('authored/15-units-variants.json').trimEnd()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: body.length - 1 }), (cut) => {
        try {
          readBody(body.slice(0, cut), 50)
          return false
        } catch (error) {
          return isAppError(error) && error.code === 'MALFORMED_JSON'
        }
      }),
      { seed: 7, numRuns: 200 },
    )
    for (const bad of ['{"data":nonsense}', '{"data":{}}}', '[1 2]', '{"data":[}', '{1:2}']) expect(() => readBody(bad), bad).toThrow('not JSON')
  })
})
