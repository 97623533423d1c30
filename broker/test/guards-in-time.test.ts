import { manualClock } from '@vigil/contract/testing/manual-clock'
import { Registry } from 'prom-client'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createConnectRate } from '../src/guard/connect-rate.ts'
import { networkOf } from '../src/guard/network.ts'
import { createPacer } from '../src/guard/pacer.ts'
import { createTokenBucket } from '../src/guard/token-bucket.ts'
import { createLockout } from '../src/identity/lockout.ts'
import { createLookups } from '../src/identity/lookups.ts'
import { defaultLimits } from '../src/limits.ts'
import { createRefusals } from '../src/refusals.ts'

describe('the rate of a device', () => {
  it('allows a burst, then the rate', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 10, burst: 3, clock })
    expect([1, 2, 3, 4].map(() => bucket.tryTake(1))).toEqual([true, true, true, false])
    clock.advance(100)
    expect([1, 2].map(() => bucket.tryTake(1))).toEqual([true, false])
    clock.advance(60_000)
    expect([1, 2, 3, 4].map(() => bucket.tryTake(1))).toEqual([true, true, true, false])
  })

  const limits = { messagesPerSecond: 10, messagesBurst: 2, bytesPerSecond: 1_000, bytesBurst: 1_000, heldMessages: 3, heldBytes: 500 }

  it('is kept by answering later, in order, and never by forgetting', () => {
    const clock = manualClock()
    const pacer = createPacer(clock, limits)
    const said: number[] = []
    for (let i = 0; i < 5; i++) expect(pacer.pass(1, () => said.push(i))).toBe(true)
    expect(said).toEqual([0, 1])
    expect(pacer.waiting()).toBe(3)
    clock.advance(100)
    expect(said).toEqual([0, 1, 2])
    clock.advance(1_000)
    expect(said).toEqual([0, 1, 2, 3, 4])
    expect(clock.pending()).toBe(0)
  })

  it('counts bytes as well as messages', () => {
    const clock = manualClock()
    const pacer = createPacer(clock, limits)
    const said: string[] = []
    pacer.pass(1_000, () => said.push('large'))
    pacer.pass(100, () => said.push('small'))
    expect(said).toEqual(['large'])
    clock.advance(100)
    expect(said).toEqual(['large', 'small'])
  })

  it('does not hold more than its bound, in number or in bytes', () => {
    const clock = manualClock()
    const pacer = createPacer(clock, limits)
    for (let i = 0; i < 5; i++) pacer.pass(1, () => undefined)
    expect(pacer.pass(1, () => undefined)).toBe(false)
    const heavy = createPacer(clock, { ...limits, messagesBurst: 1 })
    heavy.pass(1, () => undefined)
    expect(heavy.pass(400, () => undefined)).toBe(true)
    expect(heavy.pass(200, () => undefined)).toBe(false)
  })

  it('lets what waits out at once when its client has gone', () => {
    const clock = manualClock()
    const pacer = createPacer(clock, limits)
    const said: number[] = []
    for (let i = 0; i < 5; i++) pacer.pass(1, () => said.push(i))
    pacer.flush()
    expect(said).toEqual([0, 1, 2, 3, 4])
    expect(clock.pending()).toBe(0)
  })

  it('ends with its client', () => {
    const clock = manualClock()
    const pacer = createPacer(clock, limits)
    const said: number[] = []
    for (let i = 0; i < 5; i++) pacer.pass(1, () => said.push(i))
    pacer.stop()
    clock.advance(10_000)
    expect(said).toEqual([0, 1])
    expect(clock.pending()).toBe(0)
  })
})

describe('the wait after wrong secrets', () => {
  it('doubles from the first second to the longest, and ends with the right one', () => {
    const clock = manualClock()
    const lockout = createLockout(clock, { ...defaultLimits, freeFailures: 2, lockoutFirstMs: 1_000, lockoutLongestMs: 6_000 })
    const waits = Array.from({ length: 7 }, () => {
      lockout.failed('board-1', '10.0.0.1')
      return lockout.waitMs('board-1', '10.0.0.1')
    })
    expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000, 6_000, 6_000])
    expect(lockout.waitMs('board-1', '10.0.0.2')).toBe(0)
    expect(lockout.waitMs('board-2', '10.0.0.1')).toBe(0)
    clock.advance(6_000)
    expect(lockout.waitMs('board-1', '10.0.0.1')).toBe(0)
    lockout.failed('board-1', '10.0.0.1')
    lockout.succeeded('board-1', '10.0.0.1')
    expect(lockout.waitMs('board-1', '10.0.0.1')).toBe(0)
  })

  it('remembers only so many', () => {
    const clock = manualClock()
    const lockout = createLockout(clock, { ...defaultLimits, freeFailures: 0, rememberedFailures: 2 })
    for (const id of ['a', 'b', 'c']) lockout.failed(id, 'x')
    expect(['a', 'b', 'c'].map((id) => lockout.waitMs(id, 'x') > 0)).toEqual([false, true, true])
  })
})

describe('questions about unknown devices', () => {
  it('are asked once a second for each id, and again at once after a failure', async () => {
    const clock = manualClock()
    let asked = 0
    let fails = true
    const lookUp = createLookups(clock, async () => {
      asked += 1
      if (fails) throw new Error('away')
    })
    await expect(lookUp('a')).rejects.toThrow('away')
    fails = false
    await Promise.all([lookUp('a'), lookUp('a')])
    await lookUp('a')
    expect(asked).toBe(2)
    clock.advance(1_000)
    await lookUp('a')
    expect(asked).toBe(3)
  })

  it('are not asked by the thousand at once', async () => {
    const answers: (() => void)[] = []
    const lookUp = createLookups(manualClock(), () => new Promise((resolve) => answers.push(resolve)))
    const asking = Array.from({ length: 65 }, (_, i) => lookUp(`made-up-${i}`))
    await expect(asking[64]).rejects.toMatchObject({ code: 'DATABASE_AWAY' })
    for (const answer of answers) answer()
    await Promise.all(asking.slice(0, 64))
  })
})

describe('connections from one address', () => {
  it('are counted by address, an IPv6 host by its /64', () => {
    const mayConnect = createConnectRate(manualClock(), { connectsPerSecond: 1, connectsBurst: 1 })
    expect([mayConnect('10.0.0.1'), mayConnect('10.0.0.1'), mayConnect('10.0.0.2')]).toEqual([true, false, true])
    expect(networkOf('::ffff:10.0.0.1')).toBe('10.0.0.1')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf(undefined)).toBe('')
  })
})

describe('refusals', () => {
  it('are all counted, and do not fill the log', async () => {
    const clock = manualClock()
    const lines: Record<string, unknown>[] = []
    const log = pino({ base: null, messageKey: 'event' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) })
    const metrics = new Registry()
    const refusals = createRefusals({ metrics, log, clock })
    for (let i = 0; i < 100; i++) refusals.note('malformed', { user: 'board-1' })
    refusals.note('topic')
    expect(lines).toHaveLength(6)
    clock.advance(10_000)
    refusals.note('malformed')
    expect(lines.at(-1)).toMatchObject({ event: 'broker.refused', reason: 'malformed', unsaid: 95 })
    expect(await metrics.metrics()).toContain('vigil_broker_refused_total{reason="malformed"} 101')
    expect(await metrics.metrics()).toContain('vigil_broker_refused_total{reason="slow_reader"} 0')
  })
})
