import { describe, expect, it } from 'vitest'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { ratioFromSaturation, saturationFromRatio } from '../../src/sim/saturation-curve.ts'
import { simulatePatient } from '../../src/sim/simulated-patient.ts'

const recordings = openRecordings()
const pulse = recordings.pulse('100003-right')
const mask = recordings.mask('mask-01')

/** Ratio of ratios of ten seconds, by deviations over means. */
function measuredRatio(light: (led: 'red' | 'ir', tS: number) => number, fromS: number): number {
  const relative = (led: 'red' | 'ir'): number => {
    const values = Array.from({ length: 250 }, (_, i) => Math.log(light(led, fromS + i / 25)))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  }
  return relative('red') / relative('ir')
}

describe('the saturation curve', () => {
  it('is that of the application note, both ways', () => {
    expect(saturationFromRatio(0.5)).toBeCloseTo(95.76, 2)
    expect(saturationFromRatio(1)).toBeCloseTo(79.63, 2)
    expect(saturationFromRatio(0.1)).toBe(100)
    for (const ratio of [0.4, 0.7, 1, 1.3]) expect(ratioFromSaturation(saturationFromRatio(ratio))).toBeCloseTo(ratio, 9)
  })
})

describe('a simulated patient', () => {
  it('has the stated ratio of ratios, wherever the slow level stands', () => {
    const patient = simulatePatient({ pulse, ratioOfRatios: 0.6, seed: 1 })
    for (const fromS of [10, 200, 500, 900]) expect(measuredRatio(patient.light, fromS)).toBeCloseTo(0.6, 3)
    expect(patient.truth(10).spo2).toBeCloseTo(saturationFromRatio(0.6))
  })

  it('can follow the saturation the oximeters showed, smoothly', () => {
    const patient = simulatePatient({ pulse, ratioOfRatios: 'recorded', seed: 1 })
    const spo2 = Array.from({ length: 1_000 }, (_, s) => patient.truth(s).spo2)
    expect(Math.max(...spo2)).toBeGreaterThan(95)
    expect(Math.min(...spo2)).toBeLessThan(80)
    expect(Math.max(...spo2.slice(1).map((value, s) => Math.abs(value - (spo2[s] ?? 0))))).toBeLessThan(1.5)
    const deep = spo2.indexOf(Math.min(...spo2))
    expect(saturationFromRatio(measuredRatio(patient.light, deep - 5))).toBeCloseTo(spo2[deep] ?? 0, -0.5)
  })

  it('begins at the given place of the recordings and knows the past as well', () => {
    const later = simulatePatient({ pulse, mask, startOffsetS: 100, ratioOfRatios: 0.5, seed: 1 })
    const earlier = simulatePatient({ pulse, mask, ratioOfRatios: 0.5, seed: 1 })
    expect(later.light('ir', 5)).toBe(earlier.light('ir', 105))
    expect(later.truth(-50).heartRate).toBe(earlier.truth(50).heartRate)
    expect(later.truth(3).mask?.cmH2O).toBe(earlier.truth(103).mask?.cmH2O)
  })

  it('breathes around the room\'s pressure, which drifts as weather does', () => {
    const patient = simulatePatient({ pulse, mask, ratioOfRatios: 0.5, seed: 4 })
    expect(patient.maskPa(20) - patient.ambientPa(20)).toBeCloseTo((patient.truth(20).mask?.cmH2O ?? 0) * 98.0665, 6)
    const hours = Array.from({ length: 48 }, (_, h) => patient.ambientPa(h * 3_600))
    const largestStepPa = Math.max(...hours.slice(1).map((pa, h) => Math.abs(pa - (hours[h] ?? 0))))
    expect(largestStepPa).toBeGreaterThan(20)
    expect(largestStepPa).toBeLessThan(200)
    expect(patient.truth(0).mask?.breathsPerMinute).toBe(20.5)
  })

  it('without a mask has no breathing pressure', () => {
    const patient = simulatePatient({ pulse, ratioOfRatios: 0.5, seed: 4 })
    expect(patient.maskPa(20)).toBe(patient.ambientPa(20))
    expect(patient.truth(20).mask).toBeUndefined()
  })

  it('keeps a temperature near its base', () => {
    const patient = simulatePatient({ pulse, ratioOfRatios: 0.5, seed: 4, baseTempCel: 38.4 })
    for (let tS = 0; tS < 90_000; tS += 600) expect(Math.abs(patient.temperatureCel(tS) - 38.4)).toBeLessThan(0.3)
  })
})
