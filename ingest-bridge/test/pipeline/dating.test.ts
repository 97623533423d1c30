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
  const HOUR = 60 * MINUTE
  /** One live message a second, `behind` the truth; what each is kept as, relative to when it came. */
  const live = (book: ReturnType<typeof createClockBook>, fromSecond: number, seconds: number, behind: (second: number) => number) =>
    Array.from({ length: seconds }, (_, i) => {
      const receivedAt = BOOT + (fromSecond + i) * 1_000
      const dater = createDater(book, { device: 'd', lane: 'live', receivedAt, objects: [{ e: 'a', t: receivedAt - behind(fromSecond + i) }] })
      const { t, suspect } = dater.date({ e: 'a', t: receivedAt - behind(fromSecond + i) })
      return suspect ?? t - receivedAt
    })

  it('back by an hour is not believed once it has lasted; the readings are kept under the time they came', () => {
    const book = createClockBook()
    live(book, 0, 10, () => 200)
    const after = live(book, 10, 20, () => HOUR + 200)
    expect(after.slice(0, 5)).toEqual([-HOUR - 200, -HOUR - 200, -HOUR - 200, -HOUR - 200, -HOUR - 200])
    expect(after.slice(5)).toEqual(Array.from({ length: 15 }, () => 'jumped back'))
    expect(live(book, 30, 2, () => 200)).toEqual([-200, -200])
  })

  it('keeps the distances within a message', () => {
    const book = createClockBook()
    live(book, 0, 10, () => 0)
    live(book, 10, 10, () => HOUR)
    const receivedAt = BOOT + 20_000
    const ts = [0, 1, 2].map((i) => receivedAt - HOUR - (2 - i) * 1_000)
    expect(dates(receivedAt, 'live', ts.map((t, i) => ({ e: 'a', s: i, t })), 'd', book)).toEqual([receivedAt - 2_000, receivedAt - 1_000, receivedAt])
  })

  it('is not seen in messages that were held up and catch up, however many', () => {
    const book = createClockBook()
    live(book, 0, 10, () => 0)
    // Twenty minutes of messages, delivered within a minute.
    expect(live(book, 1_210, 60, (second) => 1_200_000 - (second - 1_210) * 19_000).filter((kept) => kept === 'jumped back')).toEqual([])
    expect(live(book, 1_270, 30, () => 0).every((kept) => kept === 0)).toBe(true)
  })

  it('is not seen in a late reading or two among fresh ones, nor in a device that was always behind', () => {
    const book = createClockBook()
    expect(live(book, 0, 60, (second) => (second % 3 === 1 ? 7 * 24 * HOUR : 100)).includes('jumped back')).toBe(false)
    expect(live(createClockBook(), 0, 60, () => HOUR).includes('jumped back')).toBe(false)
  })
})

it('forgets the board it has known longest when it knows too many', () => {
  const book = createClockBook(2)
  for (const device of ['one', 'two', 'three']) book.observeUptime(device, BOOT, 1_000)
  expect([book.uptimeAt('one', BOOT), book.uptimeAt('two', BOOT), book.uptimeAt('three', BOOT)]).toEqual([undefined, 1_000, 1_000])
})
