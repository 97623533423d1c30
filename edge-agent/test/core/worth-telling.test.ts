import { describe, expect, it } from 'vitest'
import { worthTelling } from '../../src/core/worth-telling.ts'

describe('what waits on a board', () => {
  it.each([
    ['the rest of a short outage is taken back once it has been sent', 38, 1, true],
    ['a few on their way are not worth a word', 2, 7, false],
    ['an outage is told while it grows', 0, 38, true],
    ['and in steps of a minute', 70, 110, false],
    ['and in steps of a minute, each', 70, 130, true],
  ])('%s', (_, told, now, again) => {
    expect(worthTelling({ unsent: told, dropped: 0 }, { unsent: now, dropped: 0 })).toBe(again)
  })

  it('a loss is told, however small', () => {
    expect(worthTelling({ unsent: 0, dropped: 0 }, { unsent: 0, dropped: 1 })).toBe(true)
  })
})
