// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createServerTime } from '../../src/live/server-time.ts'

const SERVER = Date.UTC(2026, 6, 14, 2, 0, 0)

describe('the time of the server on a ward computer with a wrong clock', () => {
  it('is the server’s, whatever the computer says', () => {
    const clock = manualClock(SERVER - 3 * 3_600_000)
    const time = createServerTime(clock)
    time.observe(SERVER)
    clock.advance(5_000)
    expect(time.now()).toBe(SERVER + 5_000)
  })

  it('tells at once when a frame moves the time, so that nothing is shown by the computer’s clock until the next tick', () => {
    const clock = manualClock(SERVER + 600_000)
    const time = createServerTime(clock)
    const seen: number[] = []
    time.onStep(() => seen.push(time.now()))
    time.observe(SERVER)
    clock.advance(1_000)
    time.observe(SERVER + 1_010)
    expect(seen).toEqual([SERVER])
  })

  it('is not set back by a frame that was held up on the way', () => {
    const clock = manualClock(SERVER)
    const time = createServerTime(clock)
    time.observe(SERVER)
    clock.advance(8_000)
    time.observe(SERVER + 2_000)
    expect(time.now()).toBe(SERVER + 8_000)
  })

  it('moves on while the computer sleeps and its running clock stands: old values must not look fresh', () => {
    const clock = manualClock(SERVER)
    const time = createServerTime(clock)
    time.observe(SERVER)
    clock.stepWallClock(240_000)
    expect(time.now()).toBe(SERVER + 240_000)
  })

  it('comes back to the truth with the next frame after the computer’s clock was set forward', () => {
    const clock = manualClock(SERVER)
    const time = createServerTime(clock)
    time.observe(SERVER)
    clock.stepWallClock(600_000)
    clock.advance(1_000)
    time.observe(SERVER + 1_000)
    expect(time.now()).toBe(SERVER + 1_000)
  })

  it('is not moved by a clock set back', () => {
    const clock = manualClock(SERVER)
    const time = createServerTime(clock)
    time.observe(SERVER)
    clock.stepWallClock(-600_000)
    clock.advance(3_000)
    expect(time.now()).toBe(SERVER + 3_000)
  })

  it('believes a new connection anew, even when its server’s clock is behind', () => {
    const clock = manualClock(SERVER)
    const time = createServerTime(clock)
    time.observe(SERVER)
    time.reset()
    clock.advance(1_000)
    time.observe(SERVER - 60_000)
    expect(time.now()).toBe(SERVER - 60_000)
  })
})
