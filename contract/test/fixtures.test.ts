import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as contract from '../src/index.ts'

interface Fixture {
  accepted: unknown[]
  refused: { because: string; message: unknown }[]
}

const folder = join(import.meta.dirname, '..', 'fixtures')
const load = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Fixture

const readers: Record<string, (message: unknown) => { ok: boolean }> = {
  alarm: contract.checkAlarmConfirmation,
  telemetry: contract.readTelemetryObject,
  state: contract.checkDeviceState,
  receipt: contract.checkReceipt,
  event: contract.checkDeviceEvent,
  'config-desired': contract.checkDesiredConfig,
  'config-reported': contract.checkReportedConfig,
  command: contract.checkCommand,
  'command-reply': contract.checkCommandReply,
  time: contract.checkTimeBeacon,
}

describe('every message has examples that are read and examples that are refused', () => {
  it('no fixture file lies unread and no message is without one', () => {
    expect(readdirSync(folder).filter((f) => f.endsWith('.json')).sort()).toEqual(Object.keys(readers).map((name) => `${name}.json`).sort())
  })

  for (const [name, read] of Object.entries(readers)) {
    const { accepted, refused } = load(name)
    for (const message of accepted) it(`${name}: reads ${JSON.stringify(message).slice(0, 90)}`, () => expect(read(message)).toMatchObject({ ok: true }))
    for (const { because, message } of refused) it(`${name}: refuses, because ${because}`, () => expect(read(message)).toMatchObject({ ok: false, reason: expect.stringMatching(/.{5,}/) }))
  }
})

describe('a refused telemetry object that tells its number can still be receipted', () => {
  it('gives the key back', () => {
    expect(contract.readTelemetryObject({ e: 'a1', s: 3, t: 5, m: { pr: '72' } })).toMatchObject({ ok: false, key: { e: 'a1', s: 3 } })
  })
  it('gives none when the number itself is unreadable', () => {
    expect(contract.readTelemetryObject({ e: 'a1', s: -3, t: 5, m: {} })).toMatchObject({ ok: false, key: undefined })
  })
})
