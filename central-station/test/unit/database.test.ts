import { describe, expect, it } from 'vitest'
import { AppError } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import { asDatabaseError, brokenConstraint, isAway } from '../../src/db/database-errors.ts'
import { PROBE_EVERY_MS, watchHealth } from '../../src/db/database-health.ts'

const withCode = (code: string, more: object = {}) => Object.assign(new Error('from pg'), { code }, more)

describe('what an error of the database means', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', '08006', '53300', '57P01', '57014', '40001', '3D000', '42P01', '28P01', '58030'])('%s: away, try again', (code) => {
    expect(isAway(withCode(code))).toBe(true)
    expect(asDatabaseError(withCode(code))).toMatchObject({ code: 'DATABASE_AWAY' })
  })
  it.each(['Query read timeout', 'Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Client has encountered a connection error and is not queryable'])('"%s": away too', (message) => {
    expect(isAway(new Error(message))).toBe(true)
  })
  it('a value that cannot be stored is the caller\'s, a broken rule is the service\'s, a wrong statement is ours', () => {
    expect(asDatabaseError(withCode('22021'))).toMatchObject({ code: 'INVALID_REQUEST' })
    const broken = withCode('23505', { constraint: 'stay_one_per_bed' })
    expect([asDatabaseError(broken), brokenConstraint(broken)]).toEqual([broken, 'stay_one_per_bed'])
    const wrong = withCode('42703')
    expect([isAway(wrong), asDatabaseError(wrong), brokenConstraint(wrong)]).toEqual([false, wrong, undefined])
    const ours = new AppError('BED_OCCUPIED', 'x')
    expect(asDatabaseError(ours)).toBe(ours)
  })
})

describe('the one opinion on whether the database answers', () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  it('begins as away, follows the probes, and tells each change once', async () => {
    const clock = manualClock()
    let answers = false
    const told: string[] = []
    const health = watchHealth({ clock, log: silentLog, probe: async () => { if (!answers) throw withCode('ECONNREFUSED') } })
    health.onChange((state) => told.push(state))
    expect(health.state()).toBe('away')
    await settle()
    answers = true
    clock.advance(PROBE_EVERY_MS)
    await settle()
    answers = false
    health.doubt()
    await settle()
    clock.advance(5 * PROBE_EVERY_MS)
    await settle()
    expect(told).toEqual(['ok', 'away'])
    health.stop()
    expect(clock.pending()).toBe(0)
  })
  it('asks one question at a time, however slow the answer', async () => {
    const clock = manualClock()
    let asked = 0
    const health = watchHealth({ clock, log: silentLog, probe: () => { asked += 1; return new Promise(() => undefined) } })
    clock.advance(30 * PROBE_EVERY_MS)
    expect(asked).toBe(1)
    health.stop()
  })
})
