import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createSharedPace } from '../../src/core/shared-pace.ts'

describe('sensors read in one go', () => {
  it('come round as often as each needs, on the beat of the quickest', () => {
    const clock = manualClock()
    const pace = createSharedPace(clock)
    const reads: Record<string, number[]> = { quick: [], middle: [], slow: [] }
    pace.every(1_000, () => reads['slow']?.push(clock.monotonic()))
    clock.advance(17)
    pace.every(40, () => reads['quick']?.push(clock.monotonic()))
    pace.every(400, () => reads['middle']?.push(clock.monotonic()))
    clock.advance(10_000)
    expect(reads['quick']).toHaveLength(250)
    expect(reads['middle']).toHaveLength(25)
    expect(reads['slow']).toHaveLength(10)
    const beats = new Set(reads['quick'])
    for (const at of [...(reads['middle'] ?? []), ...(reads['slow'] ?? [])]) expect(beats.has(at)).toBe(true)
    expect(clock.pending()).toBe(1)
  })

  it('do not catch up after a standstill, and stop when nobody is left', () => {
    let now = 0
    let beat = (): void => {}
    const pace = createSharedPace({ now: () => now, monotonic: () => now, after: () => () => {}, every: (_, run) => ((beat = run), () => (beat = () => {})) })
    let reads = 0
    const stop = pace.every(40, () => (reads += 1))
    now = 5_000
    beat()
    now = 5_040
    beat()
    now = 5_080
    beat()
    expect(reads).toBe(3)
    stop()
    beat()
    expect(reads).toBe(3)
  })
})
