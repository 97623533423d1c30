import { type Signal, signalByName } from '@vigil/contract/catalogue'
import { describe, expect, it } from 'vitest'
import { matchDelayed } from '../../src/accuracy/event-match.ts'
import { PASCAL_PER_CMH2O } from '../../src/signals/breathing/mask-stream.ts'
import { createVitalSigns, type VitalSecond, type VitalSigns, type VitalSignsOptions } from '../../src/signals/vital-signs.ts'
import { ventilated } from './synthetic-breath.ts'
import { redOf, syntheticPulse } from './synthetic-pulse.ts'

const ROOM_PA = 101_325
const START_MS = 5_000
const HZ = 25
const { counts: infrared, beats } = syntheticPulse({ hz: HZ, seconds: 120, rate: 72, noise: 0.02 })
const red = redOf(infrared, 0.6)
const { pressure, onsets } = ventilated({ hz: HZ, seconds: 120, rate: 15, peep: 6, pip: 16 })

type Board = (vitals: VitalSigns, second: number) => void

const block = (samples: readonly number[], second: number) => ({ hz: HZ, t0Ms: START_MS + 1000 * second, values: Float32Array.from(samples.slice(second * HZ, (second + 1) * HZ)) })
const finger: Board = (vitals, s) => {
  vitals.push('red', block(red, s))
  vitals.push('ir', block(infrared, s))
}
const mask: Board = (vitals, s) => vitals.push('mask_pressure', block(pressure.map((p) => ROOM_PA + p * PASCAL_PER_CMH2O), s))
const room: Board = (vitals, s) => vitals.push('ambient_pressure', block(pressure.map(() => ROOM_PA), s))

/** What a board says each second; each part of it may be silent in some seconds. */
function run(seconds: number, parts: readonly Board[], options: VitalSignsOptions = {}): VitalSecond[] {
  const vitals = createVitalSigns(options)
  return Array.from({ length: seconds }, (_, s) => {
    for (const part of parts) part(vitals, s)
    return vitals.second()
  })
}
const except = (part: Board, from: number, to: number): Board => (vitals, s) => {
  if (s < from || s >= to) part(vitals, s)
}

describe('a whole board', () => {
  const seconds = run(60, [finger, mask, room, (vitals, s) => vitals.temperature('temp', 36.9, 1000 * s)])
  const last = seconds.at(-1) as VitalSecond

  it('gives every value under its wire name, in the range of the catalogue', () => {
    expect(Object.keys(last.m).sort()).toEqual(['paw', 'peep', 'pi', 'pip', 'pr', 'rr', 'rrppg', 'spo2', 'temp'])
    for (const [name, value] of Object.entries(last.m)) {
      const [low, high] = (signalByName(name) as Signal).plausible
      expect(value).toBeGreaterThanOrEqual(low)
      expect(value).toBeLessThanOrEqual(high)
    }
    expect(last.m.pr).toBeCloseTo(72, 0)
    expect(last.m.rr).toBeCloseTo(15, 0)
    expect(last.m.peep).toBeCloseTo(6, 0)
    expect(last.m.pip).toBeCloseTo(16, 0)
    expect(last.m.temp).toBe(36.9)
    expect(last.sq.pr).toBeGreaterThan(80)
  })

  it('says each signal as a value or as an absence in every second, never as both and never as neither', () => {
    for (const { m, x } of seconds) {
      for (const name of ['pr', 'spo2', 'pi', 'rrppg', 'rr', 'peep', 'pip', 'paw'] as const) expect([name in m, name in x].filter(Boolean).length).toBe(1)
    }
  })

  it('dates beats and breaths by the clock of the samples', () => {
    const found = seconds.flatMap((s) => s.beats.map((t) => (t - START_MS) / 1000))
    expect(matchDelayed(beats.filter((t) => t < 59), found, 0.05, 0.8).f1).toBeGreaterThan(0.95)
    const breaths = seconds.flatMap((s) => s.breaths)
    expect(breaths.length).toBeGreaterThan(10)
    for (const { onset } of breaths) expect(Math.min(...onsets.map((t) => Math.abs(onset - START_MS - 1000 * t)))).toBeLessThan(250)
  })

  it('says nothing of sensors it does not have', () => {
    expect(run(15, [finger]).at(-1)?.x).not.toHaveProperty('rr')
    expect(run(1, [])).toEqual([{ m: {}, q: {}, x: {}, sq: {}, beats: [], breaths: [], apnoea: false }])
    expect(run(20, [(vitals, s) => vitals.push('ir', block(infrared, s))]).at(-1)?.m).not.toHaveProperty('spo2')
  })
})

describe('a sensor that falls silent', () => {
  it('leaves absences behind, not its last values', () => {
    const seconds = run(40, [except(finger, 20, 40), except(mask, 20, 40), except(room, 20, 40)])
    expect(seconds[19]?.m.pr).toBeDefined()
    for (const { m, x } of seconds.slice(21)) {
      expect(m).toEqual({})
      expect(x).toMatchObject({ pr: 'fault', spo2: 'fault', rr: 'fault', paw: 'fault' })
    }
  })

  it('that has not given a sample yet is warming up, and one that never gives any is broken', () => {
    const opened: Board = (vitals, s) => {
      if (s > 0) return
      for (const channel of ['red', 'ir', 'mask_pressure'] as const) vitals.missing(channel, 'warmup')
    }
    const seconds = run(5, [opened])
    expect(seconds[0]?.x).toEqual({ pr: 'warmup', spo2: 'warmup', pi: 'warmup', rrppg: 'warmup', rr: 'warmup', peep: 'warmup', pip: 'warmup', paw: 'warmup' })
    expect(seconds[4]?.x).toMatchObject({ pr: 'fault', paw: 'fault' })
  })

  it('that could not be read says why at once, and starts afresh when it answers again', () => {
    const broken: Board = (vitals, s) => (s === 25 ? vitals.missing('ir', 'fault') : finger(vitals, s))
    const seconds = run(45, [broken])
    expect(seconds[24]?.m.pr).toBeDefined()
    expect(seconds[25]?.x).toMatchObject({ pr: 'fault', spo2: 'fault' })
    expect(seconds[28]?.x.pr).toBe('warmup')
    expect(seconds[40]?.m.pr).toBeCloseTo(72, 0)
  })

  it('has a gap in its samples: nothing is measured across it', () => {
    const gapped: Board = (vitals, s) => {
      if (s === 30) vitals.push('ir', { ...block(infrared, s), gap: { why: 'overflow', lost: 40 } })
      else vitals.push('ir', block(infrared, s))
    }
    const seconds = run(50, [gapped])
    expect(seconds[29]?.m.pr).toBeDefined()
    expect(seconds.slice(31, 36).every(({ x }) => x.pr === 'warmup')).toBe(true)
    expect(seconds[45]?.m.pr).toBeCloseTo(72, 0)
  })
})

describe('the two colours', () => {
  it('are brought together in whatever order they come', () => {
    const late: Board = (vitals, s) => {
      vitals.push('ir', block(infrared, s))
      if (s > 0) vitals.push('red', block(red, s - 1))
    }
    expect(run(30, [late]).at(-1)?.m.spo2).toBeCloseTo(run(30, [finger]).at(-1)?.m.spo2 as number, 0)
  })

  it('of different moments are not mixed', () => {
    const torn: Board = (vitals, s) => {
      vitals.push('ir', block(infrared, s))
      if (s !== 12) vitals.push('red', block(red, s))
    }
    const seconds = run(40, [torn])
    expect(seconds[14]?.x).toMatchObject({ pr: 'warmup' })
    expect(seconds.at(-1)?.m.spo2).toBeDefined()
  })
})

describe('the room', () => {
  it('without its sensor leaves the rate and takes the levels', () => {
    const last = run(40, [mask]).at(-1) as VitalSecond
    expect(last.m.rr).toBeCloseTo(15, 0)
    expect(last.x).toEqual({ peep: 'no-ambient', pip: 'no-ambient', paw: 'no-ambient' })
  })

  it('whose sensor is lost is believed for ten seconds and no longer', () => {
    const seconds = run(60, [mask, except(room, 30, 60)])
    expect(seconds[36]?.m.peep).toBeCloseTo(6, 0)
    expect(seconds[45]?.x.peep).toBe('no-ambient')
    expect(seconds[45]?.m.rr).toBeCloseTo(15, 0)
  })

  it('whose sensor is lost while the mask is off does not hide the breathing of a mask that is back', () => {
    const taken: Board = (vitals, s) => vitals.push('mask_pressure', block(pressure.map((p, i) => ROOM_PA + (i > 30 * HZ && i < 60 * HZ ? (p % 0.02) - 0.01 : p) * PASCAL_PER_CMH2O), s))
    const seconds = run(110, [taken, except(room, 45, 110)])
    expect(seconds[44]?.x.rr).toBe('off')
    expect(seconds[100]?.m.rr).toBeCloseTo(15, 0)
  })

  it('may change its weather without changing the levels', () => {
    const storm = (at: Board): Board => (vitals, s) => at({ ...vitals, push: (channel, b) => vitals.push(channel, { ...b, values: Float32Array.from(b.values as Float32Array, (p) => p - 20 * s) }) }, s)
    expect(run(60, [storm(mask), storm(room)]).at(-1)?.m.peep).toBeCloseTo(6, 0)
  })

  it('takes off what the two barometers differ by', () => {
    const high: Board = (vitals, s) => vitals.push('mask_pressure', block(pressure.map((p) => ROOM_PA + (p + 1.5) * PASCAL_PER_CMH2O), s))
    expect(run(40, [high, room], { zero: 1.5 }).at(-1)?.m.peep).toBeCloseTo(6, 0)
  })
})

describe('apnoea', () => {
  it('is told with a rate of nought', () => {
    const stopped: Board = (vitals, s) => vitals.push('mask_pressure', block(pressure.map((p, i) => ROOM_PA + (i > 40 * HZ ? 6 : p) * PASCAL_PER_CMH2O), s))
    const seconds = run(80, [stopped, room])
    expect(seconds[50]).toMatchObject({ apnoea: false })
    expect(seconds[70]).toMatchObject({ apnoea: true, m: { rr: 0 } })
  })

  const stopped: Board = (vitals, s) => vitals.push('mask_pressure', block(pressure.map((p, i) => ROOM_PA + (i > 40 * HZ ? 6 : p) * PASCAL_PER_CMH2O), s))

  it('is told as soon, and goes on, over a hole in what the sensor gave', () => {
    const seconds = run(90, [except(stopped, 50, 51), room])
    const whole = run(90, [stopped, room])
    const first = (all: readonly VitalSecond[]): number => all.findIndex(({ apnoea }) => apnoea)
    expect(Math.abs(first(seconds) - first(whole))).toBeLessThanOrEqual(1)
    const later = run(90, [except(stopped, 70, 71), room])
    expect(later.slice(first(whole)).every(({ apnoea }) => apnoea)).toBe(true)
  })

  it('is counted anew after a gap that a breath fits into, and forgotten after one that a patient fits into', () => {
    const seconds = run(110, [except(stopped, 50, 55), room])
    expect(seconds.slice(50, 74).some(({ apnoea }) => apnoea)).toBe(false)
    expect(seconds[80]).toMatchObject({ apnoea: true, m: { rr: 0 } })
    expect(run(110, [except(stopped, 45, 60), room]).some(({ apnoea }) => apnoea)).toBe(false)
  })
})
