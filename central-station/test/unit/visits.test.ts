import { expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { LOOK_EVERY_MS } from '../../src/audit/once-an-hour.ts'
import { createVisits } from '../../src/audit/visits.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 6, 14)

function visits() {
  const clock = manualClock(NOW)
  const book = createVisits(clock)
  const ask = (more: { session?: string; about?: string; signals?: string; lengthMs?: number; agoMs?: number } = {}) => {
    const { session = 'one', about = 's1', signals = 'spo2', lengthMs = HOUR, agoMs = 0 } = more
    return book.goesOn({ session, about, signals, fromMs: clock.now() - agoMs - lengthMs, toMs: clock.now() - agoMs })
  }
  return { clock, ask, book }
}

it('a page that renews itself is one look, written again each hour it stays open', () => {
  const { clock, ask } = visits()
  expect(ask()).toBe(false)
  for (let minutes = 5; minutes < 60; minutes += 5) {
    clock.advance(5 * 60_000)
    expect(ask()).toBe(true)
  }
  clock.advance(LOOK_EVERY_MS)
  expect(ask()).toBe(false)
})

it('another person, patient, signal or length is another look', () => {
  const { ask } = visits()
  expect(ask()).toBe(false)
  for (const other of [{ session: 'two' }, { about: 's2' }, { signals: 'spo2,pr' }, { lengthMs: 4 * HOUR }]) expect(ask(other)).toBe(false)
})

it('a range of the past is what somebody asked for: each is written', () => {
  const { ask } = visits()
  for (let i = 0; i < 3; i++) expect(ask({ agoMs: 10 * 60_000 })).toBe(false)
})

it('of a program each call is written', () => {
  const { book } = visits()
  for (let i = 0; i < 3; i++) expect(book.goesOn({ session: undefined, about: 's1', signals: '', fromMs: NOW - HOUR, toMs: NOW })).toBe(false)
})
