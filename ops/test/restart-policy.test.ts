import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextRestart, restartPolicy, type RestartPolicy } from '../src/supervisor/restart-policy.ts'

/** Ends at these moments, one after the other; answers the decision after each. */
function endsAt(moments: readonly number[], chance = 1, policy: RestartPolicy = restartPolicy) {
  let ends: readonly number[] = []
  return moments.map((at) => {
    const decision = nextRestart(ends, at, chance, policy)
    ends = decision.ends
    return decision
  })
}

describe('when a program is started again', () => {
  it('starts it at once after the first end', () => {
    expect(endsAt([1_000])).toEqual([{ delayMs: 0, braked: false, ends: [1_000] }])
  })

  it.each([
    { end: 2, longest: 500 },
    { end: 3, longest: 1_000 },
    { end: 4, longest: 2_000 },
    { end: 5, longest: 4_000 },
  ])('waits up to $longest ms after end $end within a minute', ({ end, longest }) => {
    const moments = Array.from({ length: end }, (_, i) => i * 100)
    expect(endsAt(moments, 1).at(-1)?.delayMs).toBe(longest)
    expect(endsAt(moments, 0).at(-1)?.delayMs).toBe(0)
  })

  it('brakes after the sixth end within a minute, and again while it goes on', () => {
    const decisions = endsAt([0, 1, 2, 3, 4, 5, 30_010, 59_000])
    expect(decisions.map(({ braked }) => braked)).toEqual([false, false, false, false, false, true, true, true])
    expect(decisions.at(-1)?.delayMs).toBe(30_000)
  })

  it('forgets ends that are more than a minute old', () => {
    expect(endsAt([0, 1, 2, 3, 4, 5, 70_000]).at(-1)).toEqual({ delayMs: 0, braked: false, ends: [70_000] })
  })

  it('never waits longer than its longest wait, never less than nothing, and remembers a bounded number of ends', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (gaps, chance) => {
        let at = 0
        for (const decision of endsAt(gaps.map((gap) => (at += gap)), chance)) {
          expect(decision.delayMs).toBeGreaterThanOrEqual(0)
          expect(decision.delayMs).toBeLessThanOrEqual(decision.braked ? restartPolicy.brakeMs : restartPolicy.longestMs)
          expect(decision.ends.length).toBeLessThanOrEqual(restartPolicy.brakeAfter + 1)
        }
      }),
      { seed: 7 },
    )
  })
})
