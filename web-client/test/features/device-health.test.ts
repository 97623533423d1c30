import { describe, expect, it } from 'vitest'
import type { CommandRecord, CommandState } from '@vigil/contract/api/devices'
import { clockWord } from '../../src/features/devices/clock-word.ts'
import { lastSelfTest } from '../../src/features/devices/self-test.ts'

const AT = '2026-01-01T00:00:00.000Z'
const command = (state: CommandState, more: Partial<CommandRecord> = {}): CommandRecord => ({ id: '00000000-0000-7000-8000-000000000001', deviceId: 'd', do: 'self_test', args: {}, state, reason: '', askedBy: 'li', createdAt: AT, expiresAt: AT, updatedAt: AT, steps: [], ...more })

describe('the last self-test of a device', () => {
  it('tells which sensors passed', () => {
    const test = lastSelfTest([command('done', { data: { sensors: ['TMP117@0x48'] } })])
    expect(test).toMatchObject({ outcome: 'passed', atMs: Date.parse(AT) })
    expect(test?.passed.has('TMP117@0x48')).toBe(true)
  })

  it('tells what did not pass in the device’s own words, and trusts no sensor then', () => {
    expect(lastSelfTest([command('failed', { why: '1 of 2 sensors do not pass', data: { sensors: ['TMP117@0x48'] } })])).toMatchObject({ outcome: 'failed', why: '1 of 2 sensors do not pass', passed: new Set() })
  })

  it('is the newest that ended: one under way, lost on the way or of another kind says nothing', () => {
    const older = command('done', { updatedAt: '2025-12-31T00:00:00.000Z' })
    expect(lastSelfTest([command('running'), command('expired'), command('unknown'), command('done', { do: 'identify' }), older])?.atMs).toBe(Date.parse(older.updatedAt))
    expect(lastSelfTest([command('queued')])).toBeUndefined()
  })
})

it.each([
  [undefined, 'unknown', false],
  [-1_999, 'right', false],
  [12_000, 'ahead', true],
  [-600_000, 'behind', true],
] as const)('a clock that is %s ms off is %s', (offMs, word, off) => {
  expect(clockWord(offMs)).toEqual({ word, byMs: Math.abs(offMs ?? 0), off })
})
