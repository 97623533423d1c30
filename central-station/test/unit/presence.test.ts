import { describe, expect, it } from 'vitest'
import { createIntervalEstimate } from '../../src/live/interval-estimate.ts'
import { statusOf, type Word } from '../../src/live/presence.ts'

const status = (word: Word | undefined, ageMs: number, intervalMs = 1_000, everSeen = true) =>
  statusOf({ heard: word === undefined ? undefined : { word, atMs: 1_000_000 - ageMs }, everSeen }, 1_000_000, intervalMs)

describe('whether a device is there', () => {
  it.each([
    ['never', undefined, 0, false],
    ['lost', undefined, 0, true],
    ['online', 'alive', 0, true],
    ['online', 'alive', 5_000, true],
    ['late', 'alive', 5_001, true],
    ['late', 'alive', 30_000, true],
    ['lost', 'alive', 30_001, true],
    ['late', 'assumed', 0, true],
    ['lost', 'assumed', 30_001, true],
    ['lost', 'gone', 0, true],
    ['sleeping', 'sleeping', 600_000, true],
  ] as const)('is %s after "%s" %i ms ago (seen before: %s)', (expected, word, ageMs, everSeen) => {
    expect(status(word, ageMs, 1_000, everSeen)).toBe(expected)
  })

  it('gives a device that measures once a minute its minutes', () => {
    expect(status('alive', 179_000, 60_000)).toBe('online')
    expect(status('alive', 200_000, 60_000)).toBe('late')
    expect(status('alive', 301_000, 60_000)).toBe('lost')
  })
})

describe('how often a device measures, seen from its samples', () => {
  const after = (...times: number[]) => {
    const estimate = createIntervalEstimate()
    for (const t of times) estimate.add(t)
    return estimate.ms()
  }
  it('is not guessed from fewer than four samples', () => expect(after(0, 1_000, 2_000)).toBeUndefined())
  it('sees through one late sample', () => expect(after(0, 1_000, 2_000, 9_000, 10_000, 11_000)).toBe(1_000))
  it('is not disturbed by a sample told twice', () => expect(after(0, 5_000, 5_000, 10_000, 15_000)).toBe(5_000))
  it('follows a change within nine samples', () => expect(after(0, 1, 2, 3, ...Array.from({ length: 9 }, (_, i) => 10_000 + i * 60_000))).toBe(60_000))
  it('stays between 200 ms and 5 min', () => {
    expect(after(0, 1, 2, 3)).toBe(200)
    expect(after(0, 1e6, 2e6, 3e6)).toBe(300_000)
  })
})
