import { describe, expect, it } from 'vitest'
import { checkReportedConfig, type ReportedConfig } from '@vigil/contract'
import { applyDesired, createConfiguration } from '../../src/commands/configuration.ts'
import { memoryDocument } from '../../src/commands/durable-document.ts'

const silent = (): void => {}

describe('configuration', () => {
  it('starts with one object a second, version 0', () => {
    const config = createConfiguration({ document: memoryDocument(), log: silent })
    expect([config.current(), config.reported()]).toEqual([{ interval_ms: 1_000 }, { version: 0, set: { interval_ms: 1_000 } }])
  })

  it('takes a newer version over, reports it, and still has it after a restart', () => {
    const document = memoryDocument<ReportedConfig>()
    const config = createConfiguration({ document, log: silent })
    expect(config.desired({ version: 43, set: { interval_ms: 5_000 } })).toBe(true)
    expect(config.reported()).toEqual({ version: 43, set: { interval_ms: 5_000 } })
    expect(createConfiguration({ document, log: silent }).current()).toEqual({ interval_ms: 5_000 })
  })

  it('does nothing about a version it has already, or an older one', () => {
    const config = createConfiguration({ document: memoryDocument(), log: silent })
    config.desired({ version: 2, set: { interval_ms: 5_000 } })
    expect(config.desired({ version: 2, set: { interval_ms: 7_000 } })).toBe(false)
    expect(config.desired({ version: 1, set: { interval_ms: 7_000 } })).toBe(false)
    expect(config.current()).toEqual({ interval_ms: 5_000 })
  })

  it.each([
    [100, 'out of range 200..60000'],
    [60_001, 'out of range 200..60000'],
    [1.5, 'must be a whole number'],
    ['fast', 'must be a whole number'],
    [null, 'must be a whole number'],
  ])('refuses an interval of %j and says why, keeping what it runs with', (value, why) => {
    const reported = applyDesired({ version: 1, set: { interval_ms: 2_000 } }, { version: 2, set: { interval_ms: value } })
    expect(reported).toEqual({ version: 2, set: { interval_ms: 2_000 }, errors: { interval_ms: why } })
    expect(checkReportedConfig(reported).ok).toBe(true)
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
    expect(config.reported()).toEqual({ version: 4, set: { interval_ms: 1_000 } })
  })
})
