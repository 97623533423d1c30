import { describe, expect, it } from 'vitest'
import { createClockOffset } from '../../src/live/clock-offset.ts'
import { newestOf } from '../../src/live/newest-of.ts'

describe('how far a device’s clock is off', () => {
  it('is what the least delayed of the last messages says', () => {
    const offset = createClockOffset()
    expect(offset.ms()).toBeUndefined()
    for (const [sent, received] of [[11_000, 1_400], [12_000, 2_050], [13_000, 9_000]] as const) offset.hear(sent, received)
    expect(offset.ms()).toBe(9_950)
  })

  it('follows a clock that was set', () => {
    const offset = createClockOffset()
    for (let s = 0; s < 60; s++) offset.hear(s * 1_000 + 600_000, s * 1_000 + 20)
    for (let s = 60; s < 90; s++) offset.hear(s * 1_000, s * 1_000 + 20)
    expect(offset.ms()).toBe(-20)
  })

  it('counts the newest object of a message, and nothing where none has a time', () => {
    expect(newestOf([{ t: 5 }, { t: 9 }, { t: 7 }, 'no object', null], 't')).toBe(9)
    expect(newestOf([{ up: 3 }, { t: 'soon' }], 't')).toBeUndefined()
  })
})
