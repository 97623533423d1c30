import { describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { createAgentTime } from '../../src/core/agent-time.ts'

const unset = (): ManualClock => manualClock(Date.UTC(1970, 0, 1, 0, 5))
const TRUE_START = Date.UTC(2026, 5, 1)

describe('dating a measurement', () => {
  it('uses the clock of the board when it is set', () => {
    const clock = manualClock(TRUE_START)
    clock.advance(5_000)
    expect(createAgentTime(clock).dateOf(3_000)).toEqual({ t: TRUE_START + 3_000 })
  })

  it('says how long the board has been up while nobody told the time', () => {
    const clock = unset()
    const time = createAgentTime(clock)
    clock.advance(5_000)
    expect([time.source(), time.now(), time.dateOf(4_321.6)]).toEqual(['none', undefined, { up: 4_322 }])
  })

  it('uses the server time on a board without a clock, and can then date what it measured before', () => {
    const clock = unset()
    const time = createAgentTime(clock)
    clock.advance(10_000)
    time.hearServer(TRUE_START + 10_000)
    clock.advance(2_000)
    expect([time.source(), time.now(), time.wallTimeAt(4_000)]).toEqual(['server', TRUE_START + 12_000, TRUE_START + 4_000])
  })

  it('takes the beacon that came fastest', () => {
    const clock = unset()
    const time = createAgentTime(clock)
    for (const lateMs of [40, 3, 700]) {
      clock.advance(10_000)
      time.hearServer(TRUE_START + clock.monotonic() - lateMs)
    }
    expect(time.now()).toBe(TRUE_START + clock.monotonic() - 3)
  })

  it('keeps a clock that agrees with the server', () => {
    const clock = manualClock(TRUE_START)
    const time = createAgentTime(clock)
    for (let i = 0; i < 5; i++) time.hearServer(clock.now() - 120)
    expect([time.source(), time.now()]).toEqual(['clock', TRUE_START])
  })

  it('leaves a wrong clock after the second beacon, and comes back when it was set right', () => {
    const clock = manualClock(TRUE_START)
    const time = createAgentTime(clock)
    clock.stepWallClock(-3_600_000)
    time.hearServer(TRUE_START)
    expect(time.source()).toBe('clock')
    clock.advance(10_000)
    time.hearServer(TRUE_START + 10_000)
    expect([time.source(), time.now()]).toEqual(['server', TRUE_START + 10_000])
    clock.stepWallClock(3_600_000)
    clock.advance(10_000)
    time.hearServer(TRUE_START + 20_000)
    expect([time.source(), time.now()]).toEqual(['clock', TRUE_START + 20_000])
  })

  it('judges what the server sent by the server clock', () => {
    const clock = manualClock(TRUE_START)
    const time = createAgentTime(clock)
    expect(time.serverNow()).toBe(TRUE_START)
    time.hearServer(TRUE_START + 500)
    expect(time.serverNow()).toBe(TRUE_START + 500)
    expect(createAgentTime(unset()).serverNow()).toBeUndefined()
  })

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
    ['to 1970', -TRUE_START],
    ['to 2038', Date.UTC(2038, 0, 19, 3, 14, 7) - TRUE_START],
  ])('goes on in order and right when the wall clock jumps %s with the network away, once the server was heard', (_what, jumpMs) => {
    const clock = manualClock(TRUE_START)
    const time = createAgentTime(clock)
    time.hearServer(TRUE_START)
    const dates: number[] = []
    for (let second = 1; second <= 30; second += 1) {
      clock.advance(1_000)
      if (second === 10) clock.stepWallClock(jumpMs)
      if (second === 20) clock.stepWallClock(-jumpMs)
      const date = time.dateOf(clock.monotonic())
      dates.push('t' in date ? date.t : Number.NaN)
    }
    expect(dates).toEqual(Array.from({ length: 30 }, (_, i) => TRUE_START + (i + 1) * 1_000))
    expect(time.source()).toBe('clock')
  })

  it('follows a clock that jumps before the server was ever heard: nobody knows better', () => {
    const clock = manualClock(TRUE_START)
    const time = createAgentTime(clock)
    clock.stepWallClock(3_600_000)
    expect([time.source(), time.now()]).toEqual(['clock', TRUE_START + 3_600_000])
  })
})
