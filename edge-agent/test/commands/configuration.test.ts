import { describe, expect, it } from 'vitest'
import { checkReportedConfig, type ReportedConfig } from '@vigil/contract'
import { applyDesired, createConfiguration } from '../../src/commands/configuration.ts'
import { configKeys, defaultConfig } from '../../src/commands/config-keys.ts'
import { memoryDocument } from '../../src/commands/durable-document.ts'

const silent = (): void => {}

describe('configuration', () => {
  it('starts with one object a second, version 0', () => {
    const config = createConfiguration({ document: memoryDocument(), log: silent })
    expect([config.current(), config.reported()]).toEqual([defaultConfig, { version: 0, set: defaultConfig }])
    expect(defaultConfig).toMatchObject({ interval_ms: 1_000, average_s: 1, led_red_ma: 0, sensors_off: [], limits: {}, language: 'en', waves: ['pleth_ir', 'paw'] })
  })

  it('takes a newer version over, reports it, and still has it after a restart', () => {
    const document = memoryDocument<ReportedConfig>()
    const config = createConfiguration({ document, log: silent })
    expect(config.desired({ version: 43, set: { interval_ms: 5_000 } })).toBe(true)
    expect(config.reported()).toEqual({ version: 43, set: { ...defaultConfig, interval_ms: 5_000 } })
    expect(createConfiguration({ document, log: silent }).current()).toEqual({ ...defaultConfig, interval_ms: 5_000 })
  })

  it('does nothing about a version it has already, or an older one', () => {
    const config = createConfiguration({ document: memoryDocument(), log: silent })
    config.desired({ version: 2, set: { interval_ms: 5_000 } })
    expect(config.desired({ version: 2, set: { interval_ms: 7_000 } })).toBe(false)
    expect(config.desired({ version: 1, set: { interval_ms: 7_000 } })).toBe(false)
    expect(config.current()).toEqual({ ...defaultConfig, interval_ms: 5_000 })
  })

  it.each([
    [100, 'out of range 200..60000'],
    [60_001, 'out of range 200..60000'],
    [1.5, 'must be a whole number from 200 to 60000'],
    ['fast', 'must be a whole number from 200 to 60000'],
    [null, 'must be a whole number from 200 to 60000'],
  ])('refuses an interval of %j and says why, keeping what it runs with', (value, why) => {
    const reported = applyDesired({ version: 1, set: { interval_ms: 2_000 } }, { version: 2, set: { interval_ms: value } })
    expect(reported).toEqual({ version: 2, set: { interval_ms: 2_000 }, errors: { interval_ms: why } })
    expect(checkReportedConfig(reported).ok).toBe(true)
  })

  it.each([
    ['value_interval_ms', 500, 'out of range 1000..60000'],
    ['average_s', 17, 'out of range 1..16'],
    ['led_red_ma', 51, 'out of range 0..50'],
    ['led_ir_ma', '7', 'must be a number from 0 to 50'],
    ['sensors_off', 'bmp280@0x77', 'must be a list'],
    ['sensors_off', [7], 'each entry must be text'],
    ['limits', { pr: { low: 10 } }, 'pr low out of range 20..250'],
    ['limits', { spo2: { low: 95, high: 90 } }, 'low of spo2 must lie below high'],
    ['limits', { mood: { low: 1 } }, 'knows no mood'],
    ['limits', { pr: { lowest: 1 } }, 'pr knows no lowest'],
    ['limits', [], 'must be an object'],
    ['language', 'fr', 'must be one of en, es, pl'],
    ['waves', ['ecg'], 'each entry must be one of pleth_ir, paw'],
    ['waves', ['paw', 'paw', 'paw'], 'must have at most 2 entries'],
    ['constructor', 1, 'this device has no such setting'],
  ])('refuses %s of %j and says why', (key, value, why) => {
    expect(applyDesired({ version: 0, set: {} }, { version: 1, set: Object.fromEntries([[key, value]]) })).toEqual({ version: 1, set: {}, errors: Object.fromEntries([[key, why]]) })
  })

  it('takes every key at its default and at both ends, and shows a schema for each', () => {
    for (const [key, schema] of Object.entries(configKeys)) {
      const values = [schema.default, ...('minimum' in schema ? [schema.minimum, schema.maximum] : [])]
      for (const value of values) expect(applyDesired({ version: 0, set: {} }, { version: 1, set: { [key]: value } }), key).toEqual({ version: 1, set: { [key]: value } })
      expect(schema).toMatchObject({ type: expect.any(String), description: expect.stringMatching(/^[A-Z]/) })
    }
  })

  it('takes the right keys although another is unknown', () => {
    const reported = applyDesired({ version: 0, set: {} }, { version: 1, set: { interval_ms: 200, colour: 'red' } })
    expect(reported).toEqual({ version: 1, set: { interval_ms: 200 }, errors: { colour: 'this device has no such setting' } })
  })

  it('forgets an error once the key is right', () => {
    const wrong = applyDesired({ version: 0, set: {} }, { version: 1, set: { interval_ms: 1 } })
    expect(applyDesired(wrong, { version: 2, set: { interval_ms: 300 } })).toEqual({ version: 2, set: { interval_ms: 300 } })
  })

  it('runs with it although it cannot be saved', () => {
    const logged: string[] = []
    const document = { load: () => undefined, save: () => { throw new TypeError('disk full') } }
    const config = createConfiguration({ document, log: (event) => logged.push(event) })
    expect(config.desired({ version: 1, set: { interval_ms: 500 } })).toBe(true)
    expect([config.current().interval_ms, logged]).toEqual([500, ['config.not_saved']])
  })

  it('does not believe a saved value that is no longer allowed', () => {
    const config = createConfiguration({ document: memoryDocument<ReportedConfig>({ version: 4, set: { interval_ms: 5, old: 1 } }), log: silent })
    expect(config.reported()).toEqual({ version: 4, set: defaultConfig })
  })
})
