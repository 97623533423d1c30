import { describe, expect, it } from 'vitest'
import { createGreenPulse } from '../../src/core/green-pulse.ts'
import type { VitalSecond } from '../../src/signals/vital-signs.ts'
import { syntheticPulse } from '../signals/synthetic-pulse.ts'

const HZ = 25
const infraredSays = (pr: number | undefined): VitalSecond => ({ m: pr === undefined ? {} : { pr }, q: {}, x: pr === undefined ? { pr: 'motion' } : {}, sq: {}, beats: [], breaths: [], apnoea: false, ratio: undefined })

/** Green light of a finger for so long; infrared has the pulse until `lostAtS`. Answers the pulse rate of each second. */
function watch(seconds: number, lostAtS: number): (number | undefined)[] {
  const green = createGreenPulse()
  const { counts } = syntheticPulse({ hz: HZ, seconds, rate: 84, noise: 0.03 })
  return Array.from({ length: seconds }, (_, second) => {
    green.push({ kind: 'block', channel: 'green', hz: HZ, t0Ms: 1_000 * second, values: Float32Array.from(counts.slice(HZ * second, HZ * (second + 1))) })
    return green.helpOut(infraredSays(second < lostAtS ? 72 : undefined)).m.pr
  })
}

describe('the pulse in green light', () => {
  it('is given at once when infrared loses it, though it was looked at rarely before', () => {
    const rates = watch(60, 40)
    expect(rates.slice(0, 40).every((pr) => pr === 72)).toBe(true)
    for (const pr of rates.slice(40)) expect(Math.abs((pr ?? Number.NaN) - 84)).toBeLessThan(2)
  })

  it('is there within twelve seconds where infrared never had it', () => {
    for (const pr of watch(30, 0).slice(12)) expect(Math.abs((pr ?? Number.NaN) - 84)).toBeLessThan(2)
  })

  it('does not stand for a finger that is not there', () => {
    const green = createGreenPulse()
    green.push({ kind: 'block', channel: 'green', hz: HZ, t0Ms: 0, values: new Float32Array(HZ) })
    expect(green.helpOut({ ...infraredSays(undefined), x: { pr: 'off' } }).m.pr).toBeUndefined()
  })
})
