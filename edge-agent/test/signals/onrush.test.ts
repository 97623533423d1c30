import { describe, expect, it } from 'vitest'
import { createOnrush } from '../../src/signals/pulse/onrush.ts'
import { createPleth } from '../../src/signals/pulse/pleth.ts'
import { ectopicPulse, syntheticPulse } from './synthetic-pulse.ts'

const CLEAR = 2

describe('a disturbance in the raw counts', () => {
  it.each([25, 30, 100, 125, 400])('is seen at %d Hz in its first tenth of a second, and the pulse itself never looks like one', (hz) => {
    const { counts } = syntheticPulse({ hz, seconds: 20, rate: 70, noise: 0.05 })
    const onrush = createOnrush({ hz })
    let steepest = 0
    counts.forEach((x, i) => {
      onrush.push(x)
      if ((i + 1) % hz === 0) steepest = Math.max(steepest, onrush.read())
    })
    expect(steepest).toBeLessThan(CLEAR)
    // A finger that shifts: twice the height of the pulse.
    const last = counts.at(-1) as number
    for (let i = 0; i < Math.ceil(hz / 10); i += 1) onrush.push(last + 80_000 * 0.02)
    expect(onrush.read()).toBeGreaterThan(CLEAR)
  })

  it('takes the rate away before the filters show it: the answer of a window whose last tenth of a second is movement', () => {
    const { counts } = syntheticPulse({ hz: 30, seconds: 20, rate: 70, noise: 0.05 })
    const told = (moved: boolean) => {
      const pleth = createPleth({ hz: 30 })
      for (let i = 0; i < counts.length; i += 1) {
        pleth.push((counts[i] as number) + (moved && i >= counts.length - 3 ? 1_600 : 0))
        if ((i + 1) % 30 === 0 && i + 1 < counts.length) pleth.update()
      }
      return pleth.update().pr
    }
    expect(told(false).value).toBeCloseTo(70, 0)
    expect(told(true)).toMatchObject({ absent: 'motion' })
  })

  // The reference's monitors go on counting through extra beats, and so must this.
  it.each([
    { rate: 50, every: 8, hz: 25 },
    { rate: 72, every: 8, hz: 25 },
    { rate: 72, every: 15, hz: 100 },
    { rate: 90, every: 8, hz: 50 },
    { rate: 110, every: 15, hz: 25 },
  ])('is not what an extra beat looks like, nor the large beat after its pause: $rate /min, one of $every early, $hz Hz', ({ rate, every, hz }) => {
    const counts = ectopicPulse({ hz, seconds: 60, rate, every, following: 1.6 })
    const onrush = createOnrush({ hz })
    const pleth = createPleth({ hz })
    const rates: (number | undefined)[] = []
    let steepest = 0
    counts.forEach((x, i) => {
      onrush.push(x)
      steepest = Math.max(steepest, onrush.read())
      pleth.push(x)
      if ((i + 1) % hz === 0) rates.push(pleth.update().pr.value)
    })
    expect(steepest).toBeLessThan(CLEAR)
    const known = rates.slice(12).filter((value) => value !== undefined)
    expect(known.length / (rates.length - 12)).toBeGreaterThan(0.5)
    for (const value of known) expect(Math.abs(value - rate)).toBeLessThan(5)
  })

  it('is not looked for before there is something to compare with', () => {
    const onrush = createOnrush({ hz: 25 })
    for (let i = 0; i < 90; i += 1) onrush.push(i === 89 ? 1e6 : i % 3)
    expect(onrush.read()).toBe(1)
  })
})
