import { beforeEach, describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { CANARY_EVERY_MS, CANARY_LIMIT_MS, FIRST_LIMIT_MS, type PathWatch, watchPath } from '../../src/alarms/paths/path-watch.ts'

describe('the canary', () => {
  let clock: ManualClock
  let path: PathWatch
  let seq: number
  /** How long it takes to the engine and to a station; `undefined`: it does not arrive. */
  let way: { brokerMs: number | undefined; liveMs: number | undefined }
  let linkUp: boolean
  const begin = ({ canary = (): boolean => true, wasUp = false, sings = true } = {}) => {
    path = watchPath({ clock, canary, storing: () => false, wasUp })
    if (sings) clock.every(CANARY_EVERY_MS, sing)
  }
  const sing = () => {
    const mine = ++seq
    path.sent(mine)
    if (way.brokerMs !== undefined) clock.after(way.brokerMs, () => path.heardBroker(mine))
    if (way.liveMs !== undefined) clock.after(way.liveMs, () => path.heardLive(mine))
  }
  /** Looks once a second; answers the second at which the path was first said to be down, and the looks at which it came up. */
  const look = (seconds: number) => {
    const seen = { downAtS: undefined as number | undefined, firstUps: 0 }
    for (let second = 1; second <= seconds; second++) {
      clock.advance(1_000)
      const { pathDown, firstUp } = path.judge(linkUp)
      if (pathDown) seen.downAtS ??= second
      if (firstUp) seen.firstUps++
    }
    return seen
  }
  const whole = { brokerMs: 50, liveMs: 80 }
  const nothing = { brokerMs: undefined, liveMs: undefined }
  const slow = (ms: number) => ({ brokerMs: ms, liveMs: ms })

  beforeEach(() => {
    clock = manualClock(0)
    seq = 0
    way = whole
    linkUp = true
  })

  it('is within its limit: nothing is said, and the path came up once', () => {
    begin()
    expect(look(300)).toEqual({ downAtS: undefined, firstUps: 1 })
  })

  it('a slow start is no failure: 40 s until anything comes, then 9 s for each, then as it should be', () => {
    begin()
    way = nothing
    linkUp = false
    expect(look(40)).toEqual({ downAtS: undefined, firstUps: 0 })
    way = slow(9_000)
    linkUp = true
    expect(look(60)).toEqual({ downAtS: undefined, firstUps: 1 })
    way = whole
    expect(look(200)).toEqual({ downAtS: undefined, firstUps: 0 })
  })

  it.each([['the link', false, nothing], ['the broker', true, nothing], ['the live stream of the stations', true, { brokerMs: 50, liveMs: undefined }]])('%s that never comes up is said after a minute', (_, link, how) => {
    begin()
    way = how
    linkUp = link
    expect(look(100).downAtS).toBe(FIRST_LIMIT_MS / 1_000 + 1)
    way = whole
    linkUp = true
    expect(look(30).firstUps).toBe(1)
  })

  it.each([['the broker', nothing], ['the live stream of the stations', { brokerMs: 50, liveMs: undefined }]])('%s that fails later is said when one is overdue', (_, how) => {
    begin()
    look(300)
    way = how
    expect(look(60).downAtS).toBeLessThanOrEqual((CANARY_EVERY_MS + CANARY_LIMIT_MS) / 1_000 + 1)
    way = whole
    look(CANARY_EVERY_MS / 1_000 + 1)
    expect(look(60).downAtS).toBeUndefined()
  })

  it('the link of the engine that fails later is said after 3 s', () => {
    begin()
    look(300)
    linkUp = false
    expect(look(10).downAtS).toBe(CANARY_LIMIT_MS / 1_000 + 2)
  })

  it('a failure within the first two minutes is said too, if not as soon', () => {
    begin()
    look(20)
    way = nothing
    expect(look(60).downAtS).toBeLessThanOrEqual(17)
  })

  it('one that takes over from an engine whose canary it heard waits for no first one', () => {
    begin({ wasUp: true })
    linkUp = false
    // Nothing is starting: 3 s, not the 10 s of a start.
    expect(look(60).downAtS).toBeLessThanOrEqual(CANARY_LIMIT_MS / 1_000 + 2)
  })

  it('what this program slept through says nothing of the path; what does not come afterwards does', () => {
    begin({ sings: false })
    look(10)
    sing()
    look(300)
    path.sent(++seq)
    clock.advance(30_000)
    expect(path.judge(true).pathDown).toBe(false)
    expect(look(10).downAtS).toBeLessThanOrEqual(CANARY_LIMIT_MS / 1_000)
  })

  it('at a broker without a canary the link alone is judged', () => {
    begin({ canary: () => false, sings: false })
    expect(look(300)).toEqual({ downAtS: undefined, firstUps: 1 })
    linkUp = false
    expect(look(10).downAtS).toBe(CANARY_LIMIT_MS / 1_000 + 2)
  })
})
