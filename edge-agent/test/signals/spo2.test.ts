import { describe, expect, it } from 'vitest'
import { measureRatio } from '../../src/accuracy/saturation-accuracy.ts'
import { fingerRecordings } from '../../src/accuracy/finger-recordings.ts'
import { createRandom } from '../../src/accuracy/artefacts.ts'
import { max30102Leds, nextLedCurrent } from '../../src/signals/light/led-current.ts'
import { createLightLevel } from '../../src/signals/light/light-level.ts'
import { createPleth } from '../../src/signals/pulse/pleth.ts'
import type { PulseEstimates } from '../../src/signals/pulse/pulse-measures.ts'
import { an6845, type CalibrationPoint, recalibrate, spo2At, type SpO2Curve } from '../../src/signals/light/spo2-curve.ts'
import { redOf, syntheticPulse, type SyntheticPulse } from './synthetic-pulse.ts'

interface Finger extends Partial<SyntheticPulse> {
  readonly ratio?: number
  readonly swapped?: boolean
  readonly curve?: SpO2Curve
  readonly fullScale?: number
}

function follow({ ratio = 0.6, swapped = false, curve, fullScale, ...pulse }: Finger): PulseEstimates[] {
  const { counts } = syntheticPulse({ hz: 25, seconds: 25, rate: 70, ...pulse })
  const red = redOf(counts, ratio)
  const pleth = createPleth({ hz: 25, curve, fullScale })
  return counts.flatMap((infrared, i) => {
    if (swapped) pleth.push(red[i] as number, infrared)
    else pleth.push(infrared, red[i])
    return (i + 1) % 25 === 0 ? [pleth.update()] : []
  })
}

describe('the default curve', () => {
  it('is that of application note 6845', () => {
    expect(spo2At(an6845, 0.5)).toBeCloseTo(95.76, 2)
    expect(spo2At(an6845, 1)).toBeCloseTo(79.63, 2)
    expect(an6845).toMatchObject({ name: 'AN6845', version: 1 })
  })

  it('goes with every value, so that the value can be traced', () => {
    const own = { ...an6845, name: 'board 7', version: 3 }
    expect(follow({ curve: own }).at(-1)?.spo2?.curve).toEqual(own)
  })
})

describe('oxygen saturation', () => {
  it.each([0.45, 0.6, 0.8, 1.0, 1.2])('reads a ratio of %d', (ratio) => {
    const { spo2 } = follow({ ratio, noise: 0.02 }).at(-1) as PulseEstimates
    expect(spo2?.ratio).toBeCloseTo(ratio, 1)
    expect(Math.abs((spo2?.value ?? 0) - spo2At(an6845, ratio))).toBeLessThan(0.5)
    expect(spo2?.question).toBeUndefined()
  })

  it('comes after two seconds and says that it is early', () => {
    const seconds = follow({ ratio: 0.7 })
    expect(seconds[0]?.spo2?.absent).toBe('warmup')
    expect(seconds[2]?.spo2).toMatchObject({ question: 'calibrating' })
    expect(Math.abs((seconds[2]?.spo2?.value ?? 0) - spo2At(an6845, 0.7))).toBeLessThan(1)
  })

  it('below 70 % says that the curve does not reach there', () => {
    const { spo2 } = follow({ ratio: 1.45 }).at(-1) as PulseEstimates
    expect(spo2?.question).toBe('range')
    expect(spo2?.value).toBeLessThan(70)
  })

  it('is never over 100 %', () => expect(follow({ ratio: 0.3 }).at(-1)?.spo2?.value).toBe(100))

  it('is questionable at a ratio that no blood has, and not told at one that no sensor has', () => {
    expect(follow({ ratio: 0.2 }).at(-1)?.spo2).toMatchObject({ value: 100, question: 'range' })
    expect(follow({ ratio: 0.3 }).at(-1)?.spo2).not.toHaveProperty('question')
    for (const { spo2 } of follow({ ratio: 4.6, height: 0.004 })) expect(spo2?.value).toBeUndefined()
  })

  it('is not told of a pulse too weak to measure', () => expect(follow({ height: 0.001 }).at(-1)?.spo2?.absent).toBe('weak'))

  it('says when the pulse is weak but measurable', () => expect(follow({ height: 0.0028 }).at(-1)?.spo2).toMatchObject({ question: 'low' }))

  it('notices that the red and infrared LEDs are swapped', () => expect(follow({ ratio: 0.45, swapped: true }).at(-1)?.spo2?.absent).toBe('swapped'))

  it.each([95.2, 97, 99, 100])('notices swapped LEDs on anybody with %d %', (saturation) => {
    let ratio = 0.2
    while (spo2At(an6845, ratio) > saturation) ratio += 0.001
    expect(follow({ ratio, swapped: true }).at(-1)?.spo2?.absent).toBe('swapped')
  })

  it('cannot tell swapped LEDs from blood with less oxygen: both orders give a ratio blood can have', () => {
    const [swapped, desaturated] = [follow({ ratio: 0.6, swapped: true }), follow({ ratio: 1 / 0.6 })].map((seconds) => seconds.at(-1)?.spo2)
    expect(swapped?.value).toBeCloseTo(desaturated?.value ?? 0, 0)
    expect([swapped?.question, desaturated?.question]).toEqual(['range', 'range'])
  })

  it('is not told when the two colours disagree', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 25, rate: 70 })
    const random = createRandom(2)
    const pleth = createPleth({ hz: 25 })
    const seconds = counts.flatMap((infrared, i) => {
      pleth.push(infrared, 60_000 + 300 * random.normal())
      return (i + 1) % 25 === 0 ? [pleth.update()] : []
    })
    expect(seconds.at(-1)?.pr.value).toBeCloseTo(70, 0)
    expect(seconds.every(({ spo2 }) => spo2?.value === undefined)).toBe(true)
  })

  it('is left out when there is no red light at all', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 12, rate: 70 })
    const pleth = createPleth({ hz: 25 })
    for (const x of counts) pleth.push(x)
    expect(pleth.update()).not.toHaveProperty('spo2')
  })

  it('follows a fall of saturation within twelve seconds', () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 60, rate: 75 })
    const high = redOf(counts, 0.5)
    const low = redOf(counts, 1)
    const pleth = createPleth({ hz: 25 })
    const seconds = counts.flatMap((infrared, i) => {
      pleth.push(infrared, i < 30 * 25 ? high[i] : low[i])
      return (i + 1) % 25 === 0 ? [pleth.update()] : []
    })
    expect(seconds[28]?.spo2?.value).toBeCloseTo(spo2At(an6845, 0.5), 0)
    expect(Math.abs((seconds[42]?.spo2?.value ?? 0) - spo2At(an6845, 1))).toBeLessThan(1)
  })

  it('is read to within one per cent from four seconds of real pulses', () => {
    const figures = measureRatio(fingerRecordings(), 3)
    expect(figures.answered / figures.asked).toBeGreaterThan(0.98)
    expect(figures.arms).toBeLessThan(1)
  }, 60_000)
})

describe('perfusion', () => {
  it('is the height of the pulse over the steady light', () => {
    const { pi } = follow({ height: 0.02 }).at(-1) as PulseEstimates
    expect(pi.value).toBeGreaterThan(1.5)
    expect(pi.value).toBeLessThan(2.2)
  })
})

describe('recalibration', () => {
  const points: CalibrationPoint[] = [{ ratio: 0.5, spo2: 97 }, { ratio: 0.9, spo2: 85 }, { ratio: 1.2, spo2: 74 }]

  it.each([2, 3])('with %d points goes through them and gets a new version', (n) => {
    const result = recalibrate(an6845, points.slice(0, n))
    if (!result.ok) expect.fail(result.why)
    for (const { ratio, spo2 } of points.slice(0, n)) expect(spo2At(result.curve, ratio)).toBeCloseTo(spo2, 6)
    expect(result.curve.version).toBe(2)
  })

  it('with two points keeps the bend of the old curve', () => expect(recalibrate(an6845, points.slice(0, 2))).toMatchObject({ ok: true, curve: { a: an6845.a } }))

  it.each([
    ['one point', [{ ratio: 0.5, spo2: 97 }]],
    ['points too close together', [{ ratio: 0.5, spo2: 97 }, { ratio: 0.52, spo2: 96 }]],
    ['a saturation no oximeter is calibrated for', [{ ratio: 0.5, spo2: 97 }, { ratio: 1.4, spo2: 40 }]],
    ['two healthy readings whose curve would read 90 % in deep hypoxia', [{ ratio: 0.5, spo2: 97 }, { ratio: 0.56, spo2: 96.8 }]],
    ['three readings whose curve turns upwards beyond them', [{ ratio: 0.4, spo2: 99 }, { ratio: 0.5, spo2: 94 }, { ratio: 0.62, spo2: 91 }]],
    ['a saturation that rises with the ratio', [{ ratio: 0.5, spo2: 80 }, { ratio: 0.9, spo2: 95 }]],
  ])('is refused with %s', (_, given) => {
    const result = recalibrate(an6845, given)
    expect(result.ok).toBe(false)
    if (!result.ok) expect(result.why).toMatch(/\.$/)
  })
})

describe('the LED current', () => {
  const state = { fullScale: 262_143, currentMa: 6.2, fingerOn: true }

  it('stays while the light is between a quarter and three quarters of full scale', () => {
    for (const level of [0.25, 0.5, 0.75]) expect(nextLedCurrent({ ...state, dc: level * 262_143 }, max30102Leds)).toBe(6.2)
  })

  it('goes down when the sensor is blinded, at most by half a second', () => expect(nextLedCurrent({ ...state, dc: 262_143 }, max30102Leds)).toBe(3.2))

  it('goes up when the light is faint, at most to double a second, never over what the chip can give', () => {
    expect(nextLedCurrent({ ...state, dc: 20_000 }, max30102Leds)).toBe(12.4)
    expect(nextLedCurrent({ ...state, dc: 20_000, currentMa: 40 }, max30102Leds)).toBe(51)
  })

  it('rests when no finger is there', () => expect(nextLedCurrent({ ...state, dc: 500, currentMa: 30, fingerOn: false }, max30102Leds)).toBe(6.2))

  it('settles in a few seconds wherever it starts', () => {
    for (const start of [0.2, 6.2, 51]) {
      let currentMa = start
      for (let second = 0; second < 8; second += 1) currentMa = nextLedCurrent({ ...state, currentMa, dc: Math.min(262_143, currentMa * 16_000) }, max30102Leds)
      expect(currentMa * 16_000).toBeGreaterThan(0.25 * 262_143)
      expect(currentMa * 16_000).toBeLessThan(0.75 * 262_143)
    }
  })
})

describe('the raw light', () => {
  it('steps over a torn read and counts it', () => {
    const light = createLightLevel({ hz: 25 })
    expect([100_000, 131_072, 100_010, 65_536, 65_536, 65_536, 65_536].map((x) => light.push(x))).toEqual([100_000, 100_000, 100_010, 100_010, 100_010, 100_010, 65_536])
    expect(light.glitches).toBe(4)
  })

  it('says nothing of fingers when the scale is not known', () => {
    const light = createLightLevel({ hz: 25 })
    light.push(3)
    expect(light.read()).toEqual({ dc: 3, saturated: false, fingerOn: true })
  })
})
