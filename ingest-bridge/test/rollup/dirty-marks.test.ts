import { manualClock } from '@vigil/contract/testing/manual-clock'
import { describe, expect, it } from 'vitest'
import { createDirtyMarks, minuteOf, type Bucket } from '../../src/rollup/dirty-marks.ts'

const bucket = (minute: number, deviceNo = 1): Bucket => ({ at: minute * 60_000, deviceNo })

function setUp() {
  const clock = manualClock()
  const marks = createDirtyMarks(clock)
  const toMark = (...buckets: Bucket[]) => marks.begin(buckets).toMark
  const commit = (...buckets: Bucket[]) => marks.begin(buckets).committed()
  return { clock, marks, toMark, commit }
}

describe('what a bridge remembers of its roll-up marks', () => {
  it('is nothing before the transaction that wrote them has committed', () => {
    const { marks, toMark } = setUp()
    const ticket = marks.begin([bucket(1)])
    expect(ticket.relies).toBe(false)
    expect(toMark(bucket(1))).toEqual([bucket(1)])
    ticket.committed()
    expect(toMark(bucket(1))).toEqual([])
    expect(marks.begin([bucket(1), bucket(2)])).toMatchObject({ toMark: [bucket(2)], relies: true })
  })

  it('lists each bucket once, in the order in which every bridge locks them', () => {
    const { toMark } = setUp()
    expect(toMark(bucket(2, 1), bucket(1, 9), bucket(2, 1), bucket(1, 3))).toEqual([bucket(1, 3), bucket(1, 9), bucket(2, 1)])
  })

  it('is given up before marks are taken away, and not learnt again while they are', () => {
    const { marks, toMark, commit } = setUp()
    commit(bucket(1))
    const round = marks.beginRound()
    expect(toMark(bucket(1))).toEqual([bucket(1)])
    commit(bucket(1))
    expect(toMark(bucket(1))).toEqual([bucket(1)])
    round.end()
    expect(toMark(bucket(1))).toEqual([bucket(1)])
    commit(bucket(1))
    expect(toMark(bucket(1))).toEqual([])
  })

  it('learns nothing from a transaction that began before a round and ends after it', () => {
    const { marks, toMark } = setUp()
    const before = marks.begin([bucket(1)])
    const round = marks.beginRound()
    const during = marks.begin([bucket(2)])
    round.end()
    before.committed()
    during.committed()
    expect(toMark(bucket(1), bucket(2))).toEqual([bucket(1), bucket(2)])
  })

  it('is relied on for two minutes, well below the five after which another bridge takes over', () => {
    const { toMark, commit, clock } = setUp()
    commit(bucket(1))
    clock.advance(119_999)
    expect(toMark(bucket(1))).toEqual([])
    clock.advance(1)
    expect(toMark(bucket(1))).toEqual([bucket(1)])
  })
})

it('finds the minute of any time', () => {
  expect(minuteOf(Date.UTC(2026, 2, 1, 10, 4, 59, 999))).toBe(Date.UTC(2026, 2, 1, 10, 4))
})
