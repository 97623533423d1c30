import { beforeAll, describe, expect, it } from 'vitest'
import { measureMasks } from '../../src/accuracy/airway-accuracy.ts'
import { matchEvents } from '../../src/accuracy/event-match.ts'
import { createComparison } from '../../src/accuracy/figures.ts'
import { fingerRecordings } from '../../src/accuracy/finger-recordings.ts'
import { type FingerAccuracy, measureClips, measureFingers, measureMovement } from '../../src/accuracy/pulse-accuracy.ts'
import { accuracyReport, type ReportRow, ventilatorRow } from '../../src/accuracy/report.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'

// Measured figures, with a little room: a change that makes any of them worse has to say why.
describe('on six fingers during induced hypoxaemia', () => {
  let accuracy: FingerAccuracy
  beforeAll(() => {
    accuracy = measureFingers(fingerRecordings())
  })

  it('the pulse rate is answered 97 % of the time, to within 0.6 a minute, and almost never more than 5 off', () => {
    const { asked, answered, mae, within } = accuracy.rate
    expect(asked).toBeGreaterThan(1_200)
    expect(answered / asked).toBeGreaterThan(0.97)
    expect(mae).toBeLessThan(0.6)
    expect(within).toBeGreaterThan(0.995)
  })

  it('the breathing rate from the pulse is within 0.95 a minute', () => {
    const { asked, answered, mae } = accuracy.breathing
    expect(answered / asked).toBeGreaterThan(0.96)
    expect(mae).toBeLessThan(0.95)
  })
})

// Other bouts and other noise than the report's.
describe('with what was added to the same fingers', () => {
  it('movement is answered in less than 2 % of its windows', () => {
    const { clean, disturbed } = measureMovement(fingerRecordings(), 61)
    expect(disturbed.answered / disturbed.asked).toBeLessThan(0.02)
    expect(clean.answered / clean.asked).toBeGreaterThan(0.94)
  })

  it('noise of eight tenths of the pulse leaves an answer in half of the windows, right in 99 % of them', () => {
    const { asked, answered, within } = measureClips(fingerRecordings(), { share: 0.8, seed: 21 })
    expect(answered / asked).toBeGreaterThan(0.48)
    expect(within).toBeGreaterThan(0.99)
  })
})

describe('the report', () => {
  let rows: readonly ReportRow[]
  // Everything there is, once: the longest measurement of this package.
  beforeAll(() => {
    rows = [...accuracyReport(undefined)]
  }, 180_000)

  it('names every set and its figures', () => {
    expect(rows.map(({ set }) => set.split(':')[0]?.trim())).toEqual(expect.arrayContaining(['uw-oximetry', 'bidmc01', 'cpap-mask']))
    expect(rows.every(({ measured }) => /\d/.test(measured))).toBe(true)
  })

  it('tells what is asked for, and all of it is met', () => {
    expect(rows.flatMap(({ targets }) => targets).length).toBeGreaterThanOrEqual(12)
    expect(rows.flatMap(({ set, targets }) => targets.filter(({ met }) => !met).map(({ text }) => `${set} ${text}`))).toEqual([])
  })

  it('says when the recordings that are not shipped are not where they should be', () => expect(() => ventilatorRow('/nowhere')).toThrow('no folder /nowhere'))
})

describe('in eight CPAP masks', () => {
  it('the breathing rate is within one a minute of the flow signal', () => {
    const recordings = openRecordings()
    const figures = measureMasks(recordings.maskIds.map((id) => recordings.mask(id)))
    expect(figures.answered).toBe(8)
    expect(figures.mae).toBeLessThan(0.8)
  })
})

describe('the figures themselves', () => {
  it('count silence against coverage and not as an error', () => {
    const comparison = createComparison(1)
    comparison.add(71, 70)
    comparison.add(undefined, 70)
    comparison.add(67, 70)
    const figures = comparison.figures()
    expect(figures).toMatchObject({ asked: 3, answered: 2, bias: -1, mae: 2, within: 0.5 })
    expect(figures.arms).toBeCloseTo(Math.sqrt(5))
  })

  it('pair every moment once', () => {
    expect(matchEvents([1, 2, 3], [1.1, 1.15, 3.4], 0.2)).toMatchObject({ f1: 2 / 6, missed: 2, extra: 2 })
    expect(matchEvents([1, 2, 3], [1.5, 2.5, 3.5], 0.1, 0.5)).toMatchObject({ f1: 1, missed: 0, extra: 0 })
  })
})
