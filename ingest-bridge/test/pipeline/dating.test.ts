import { describe, expect, it } from 'vitest'
import { createClockBook } from '../../src/pipeline/clock-book.ts'
import { createDater, type Lane } from '../../src/pipeline/dating.ts'

const BOOT = Date.UTC(2026, 2, 1, 12)
const MINUTE = 60_000
type Dated = { e: string; s: number; t?: number; up?: number }
const book = createClockBook()
const dates = (receivedAt: number, lane: Lane, objects: Dated[], device = 'main/bed-1', from = book): number[] => {
  const dater = createDater(from, { device, lane, receivedAt, objects })
  return objects.map((object) => dater.date(object).t)
}

describe('a board without a clock', () => {
  it('is dated by its uptime as the live lane shows it, also for its backlog', () => {
    const book = createClockBook()
    dates(BOOT + 60_040, 'live', [{ e: 'a', s: 61, up: 60_000 }], 'd', book)
    dates(BOOT + 61_015, 'live', [{ e: 'a', s: 62, up: 61_000 }], 'd', book)
    expect(dates(BOOT + 90_000, 'backlog', [{ e: 'a', s: 1, up: 1_000 }, { e: 'a', s: 2, up: 2_000 }], 'd', book)).toEqual([BOOT + 1_015, BOOT + 2_015])
  })

  it('is dated from the newest uptime of its message before anything live has come', () => {
    expect(dates(BOOT, 'backlog', [{ e: 'x', s: 1, up: 5_000 }, { e: 'x', s: 2, up: 9_000 }], 'new')).toEqual([BOOT - 4_000, BOOT])
  })

  it('is not pulled away by a message that was held up, and follows a slow crystal', () => {
    const book = createClockBook()
    for (let s = 1; s <= 5_000; s++) {
      const heldUpMs = s % 50 === 0 ? 20_000 : 10
      // 50 ppm slow: its seconds last longer than ours.
      dates(BOOT + s * 1_000 * 1.000_05 + heldUpMs, 'live', [{ e: 'a', s, up: s * 1_000 }], 'd', book)
    }
    const [t] = dates(BOOT + 5_001_000, 'backlog', [{ e: 'a', s: 4_990, up: 4_990_000 }], 'd', book)
    expect(Math.abs((t as number) - (BOOT + 4_990_000 * 1.000_05))).toBeLessThan(2_500)
  })

  it('is learnt anew when it has restarted', () => {
    const book = createClockBook()
    dates(BOOT + 600_000, 'live', [{ e: 'a', s: 1, up: 600_000 }], 'd', book)
    expect(dates(BOOT + 900_000, 'live', [{ e: 'a', s: 2, up: 1_000 }], 'd', book)).toEqual([BOOT + 900_000])
  })

  it('is never dated into the future', () => {
    const book = createClockBook()
    dates(BOOT + 10_000, 'live', [{ e: 'a', s: 1, up: 10_000 }], 'd', book)
    expect(dates(BOOT + 10_000, 'backlog', [{ e: 'a', s: 2, up: 99_000 }], 'd', book)).toEqual([BOOT + 10_000])
  })
})

describe('a clock that jumps', () => {
  it('back by an hour is not believed while numbers rise', () => {
    const book = createClockBook()
    dates(BOOT, 'live', [{ e: 'a', s: 1, t: BOOT }], 'd', book)
    const dater = createDater(book, { device: 'd', lane: 'live', receivedAt: BOOT + 1_000, objects: [] })
    expect(dater.date({ e: 'a', s: 2, t: BOOT + 1_000 - 60 * MINUTE })).toMatchObject({ t: BOOT + 1_000, claimedT: BOOT + 1_000 - 60 * MINUTE, suspect: 'jumped back' })
  })

  it('is not seen in data that was merely held up or repeated', () => {
    const book = createClockBook()
    const twentyMinutesLate = dates(BOOT + 20 * MINUTE, 'live', [{ e: 'a', s: 1, t: BOOT }, { e: 'a', s: 2, t: BOOT + 1_000 }], 'd', book)
    expect(twentyMinutesLate).toEqual([BOOT, BOOT + 1_000])
    dates(BOOT + 20 * MINUTE, 'live', [{ e: 'a', s: 1_200, t: BOOT + 20 * MINUTE }], 'd', book)
    expect(dates(BOOT + 21 * MINUTE, 'live', [{ e: 'a', s: 3, t: BOOT + 2_000 }], 'd', book)).toEqual([BOOT + 2_000])
  })

  it('forward to the right time is believed', () => {
    const book = createClockBook()
    dates(BOOT, 'live', [{ e: 'a', s: 1, t: BOOT - 60 * MINUTE }], 'd', book)
    expect(dates(BOOT + 1_000, 'live', [{ e: 'a', s: 2, t: BOOT + 1_000 }], 'd', book)).toEqual([BOOT + 1_000])
  })
})

it('forgets the board it has known longest when it knows too many', () => {
  const book = createClockBook(2)
  for (const device of ['one', 'two', 'three']) book.observeUptime(device, BOOT, 1_000)
  expect([book.uptimeAt('one', BOOT), book.uptimeAt('two', BOOT), book.uptimeAt('three', BOOT)]).toEqual([undefined, 1_000, 1_000])
})
