import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { checkDeviceEvent, readTelemetryObject, signalByName, type TelemetrySample } from '@vigil/contract'
import { openRecordings } from '@vigil/edge-agent'
import { MOST_BEDS, noteOf, planBeds } from '../../src/demo/bed-plan.ts'
import { filesOf } from '../../src/demo/demo-files.ts'
import { HISTORY_STEP_MS, historyOf } from '../../src/demo/history.ts'

const library = openRecordings()
const TO = Date.UTC(2026, 5, 2, 12)
const FROM = TO - 24 * 3_600_000

const pastOf = (index: number) => {
  const plan = planBeds(index + 1, library)[index]
  if (!plan) throw new TypeError('no such bed')
  const records = [...historyOf({ plan, pulse: library.pulse(plan.pulse), mask: plan.mask === undefined ? undefined : library.mask(plan.mask), fromMs: FROM, toMs: TO })]
  const samples = records.filter(({ kind }) => kind === 'sample').map(({ body }) => JSON.parse(body) as TelemetrySample)
  return { plan, records, samples }
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const of = (samples: readonly TelemetrySample[], signal: string): number[] => samples.map(({ m }) => m[signal]).filter((value) => value !== undefined)

describe('the beds of the demo ward', () => {
  it('are the same at every start, however many there are', () => {
    expect(planBeds(8, library)).toEqual(planBeds(40, library).slice(0, 8))
    expect(planBeds(1_000, library)).toHaveLength(MOST_BEDS)
  })

  it('breathe within the limits of an adult all the way round, so that their alarms are those of scenarios', () => {
    const masks = new Set(planBeds(MOST_BEDS, library).flatMap(({ mask }) => mask ?? []))
    expect(masks.size).toBeGreaterThan(2)
    for (const id of masks) {
      const { hz, values } = library.mask(id).cmH2O
      const twice = [...values, ...values].join('\n')
      const { stdout } = spawnSync(process.execPath, ['../edge-agent/src/cli/analyse.ts', '--kind', 'pressure', '--rate', String(hz)], { cwd: new URL('../..', import.meta.url), input: twice, encoding: 'utf8' })
      const rates = stdout.trim().split('\n').flatMap((line) => (JSON.parse(line) as { rr?: number }).rr ?? [])
      expect(rates.length, id).toBeGreaterThan(60)
      expect(Math.min(...rates), id).toBeGreaterThan(8)
      expect(Math.max(...rates), id).toBeLessThan(30)
    }
  })

  it('differ from each other, and nobody could take them for patients', () => {
    const plans = planBeds(MOST_BEDS, library)
    for (const key of ['device', 'seed'] as const) expect(new Set(plans.map((plan) => plan[key])).size).toBe(MOST_BEDS)
    expect(new Set(plans.map(({ pulse, startOffsetS, ratioOfRatios, mask }) => [pulse, startOffsetS, ratioOfRatios, mask].join())).size).toBe(MOST_BEDS)
    expect(new Set(plans.map(({ patient }) => `${patient.familyName} ${patient.givenName}`)).size).toBe(MOST_BEDS)
    for (const plan of plans) {
      expect(plan.patient.identifier).toMatch(/^DEMO-\d\d$/)
      expect(plan.patient.birthDate).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      expect(noteOf(plan, 24)).toContain('DEMO: not a patient')
      expect(noteOf(plan, 24).length).toBeLessThanOrEqual(300)
    }
  })

  it('name the files an engineer compares with', () => {
    expect(filesOf({ pulse: '100003-right' })).toEqual({ pulseFile: 'edge-agent/data/uw-oximetry/ppg-Right-100003.csv.gz', referenceFile: 'edge-agent/data/uw-oximetry/gt-100003.csv.gz' })
  })
})

describe('the made-up past of a bed', () => {
  it('is one object per ten seconds, oldest first, that the server takes, after an event that says it is synthetic', () => {
    const { records, samples } = pastOf(0)
    expect(checkDeviceEvent({ e: 'a', s: 1, ...(JSON.parse(records[0]?.body ?? '') as object) })).toMatchObject({ ok: true, value: { ev: 'demo_history', data: { synthetic: true } } })
    for (const [i, sample] of samples.entries()) {
      const reading = readTelemetryObject({ ...sample, e: 'a', s: i + 1 })
      expect(reading.ok ? '' : reading.reason).toBe('')
      for (const [name, value] of Object.entries(sample.m)) {
        const [low, high] = signalByName(name)?.plausible ?? [0, 0]
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
      }
    }
    const steps = samples.slice(1).map(({ t }, i) => (t ?? 0) - (samples[i]?.t ?? 0))
    expect(Math.min(...steps)).toBe(HISTORY_STEP_MS)
    expect(samples[0]?.t).toBe(FROM)
    expect(samples.at(-1)?.t).toBe(TO - HISTORY_STEP_MS)
  })

  it('has a few interruptions as a ward has them, and none in its last half hour', () => {
    const { samples } = pastOf(3)
    const holes = samples.slice(1).map(({ t }, i) => (t ?? 0) - (samples[i]?.t ?? 0)).filter((step) => step > 60_000)
    expect(holes).toHaveLength(2)
    const probeOff = samples.filter(({ x }) => x?.['spo2'] === 'off')
    expect(probeOff.length).toBeGreaterThan(30)
    for (const { m } of probeOff) expect(Object.keys(m)).toEqual(expect.arrayContaining(['temp']))
    for (const { m } of probeOff) expect(Object.keys(m)).not.toContain('pr')
    expect(samples.filter(({ t = 0 }) => t > TO - 30 * 60_000)).toHaveLength(179)
  })

  it('stands at the level of the recordings the bed then goes on with', () => {
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const { plan, samples } = pastOf(index)
      const { reference } = library.pulse(plan.pulse)
      const recorded = mean(Array.from({ length: 60 }, (_, i) => reference.heartRateAt(i * 10)).filter((value) => value !== undefined))
      expect(Math.abs(mean(of(samples, 'pr')) - recorded)).toBeLessThan(3)
      expect(mean(of(samples, 'temp'))).toBeCloseTo(plan.baseTempCel, 0)
      if (plan.mask === undefined) expect(of(samples, 'rr')).toEqual([])
      else expect(Math.abs(mean(of(samples, 'rr')) - library.mask(plan.mask).breathsPerMinute)).toBeLessThan(1.5)
    }
  })

  it('is the same each time it is made', () => {
    expect(pastOf(5).records).toEqual(pastOf(5).records)
  })
})
