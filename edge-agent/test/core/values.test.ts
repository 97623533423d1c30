import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createPatientEvents } from '../../src/core/patient-events.ts'
import { createDirectValues } from '../../src/core/direct-values.ts'
import { joined, nothingMeasured, telemetryFields } from '../../src/core/measurement.ts'
import { createValueJudge } from '../../src/core/vital-signs-of-sensors.ts'
import { createTelemetryRhythm } from '../../src/core/telemetry-rhythm.ts'
import { absent } from '../../src/sensors/reading.ts'

describe('a value a sensor gives by itself', () => {
  const channels = new Set(['ir'])

  it('is told while it is new, and becomes a fault instead of staying on the screen', () => {
    const values = createDirectValues({ channels, judge: createValueJudge() })
    values.push({ kind: 'value', signal: 'temp', value: 36.8 }, 0)
    expect(values.now(3_000)).toMatchObject({ m: { temp: 36.8 }, x: {} })
    expect(values.now(3_001)).toMatchObject({ m: {}, x: { temp: 'fault' } })
  })

  it('of a thermometer that hangs in the room is none of the patient', () => {
    const values = createDirectValues({ channels, judge: createValueJudge() })
    values.push({ kind: 'value', signal: 'temp', value: 22.4 }, 0)
    expect(values.now(0)).toMatchObject({ m: {}, x: { temp: 'off' } })
  })

  it('gives way to the reason why it could not be had', () => {
    const values = createDirectValues({ channels, judge: createValueJudge() })
    values.push({ kind: 'value', signal: 'temp', value: 36.8, question: 'range' }, 0)
    expect(values.now(0).q).toEqual({ temp: 'range' })
    values.push(absent('temp', 'warmup'), 500)
    expect(values.now(600)).toMatchObject({ m: {}, q: {}, x: { temp: 'warmup' } })
  })

  it('is not confused with a stream that is missing', () => {
    const values = createDirectValues({ channels, judge: createValueJudge() })
    values.push(absent('ir', 'fault'), 0)
    expect(values.now(0)).toEqual(nothingMeasured)
  })
})

describe('a telemetry object', () => {
  it('leaves out remarks there are none of, and digits that mean nothing', () => {
    expect(telemetryFields({ m: { pr: 71.99876, temp: 36.789 }, q: {}, x: {}, sq: { pr: 87.6, temp: 100 } })).toEqual({ m: { pr: 72, temp: 36.79 }, sq: { pr: 88 } })
  })

  it('joins what the signals and the sensors say', () => {
    expect(joined([{ ...nothingMeasured, m: { pr: 72 }, x: { spo2: 'warmup' } }, { ...nothingMeasured, m: { temp: 36.8 } }])).toEqual({ m: { pr: 72, temp: 36.8 }, q: {}, x: { spo2: 'warmup' }, sq: {} })
  })
})

describe('something coming off the patient', () => {
  const off = { ...nothingMeasured, x: { spo2: 'off' as const, pr: 'off' as const } }

  it('is an event after two seconds, and another when it is back', () => {
    const events = createPatientEvents()
    expect([off, off, off, nothingMeasured, nothingMeasured, nothingMeasured].map((one) => events.after(one))).toEqual([
      [], [{ ev: 'probe_off', ph: 'start', src: 'spo2' }], [], [], [{ ev: 'probe_off', ph: 'end', src: 'spo2' }], [],
    ])
  })

  it('is none when it only slipped for a moment', () => {
    const events = createPatientEvents()
    expect([off, nothingMeasured, off, nothingMeasured].flatMap((one) => events.after(one))).toEqual([])
  })

  it('is told as apnoea when breathing stops, and when it is back', () => {
    const events = createPatientEvents()
    const still = { ...nothingMeasured, apnoea: true }
    expect([still, still, nothingMeasured, nothingMeasured].flatMap((one) => events.after(one)).map(({ ev, ph }) => [ev, ph])).toEqual([['apnoea', 'start'], ['apnoea', 'end']])
  })

  it('is told for the mask as for the finger', () => {
    const events = createPatientEvents()
    const mask = { ...nothingMeasured, x: { paw: 'off' as const } }
    expect([mask, mask].flatMap((one) => events.after(one))).toEqual([{ ev: 'mask_off', ph: 'start', src: 'paw' }])
  })
})

describe('the rhythm of sending', () => {
  const rhythm = (intervalMs: number) => {
    const clock = manualClock()
    const log: string[] = []
    const beat = createTelemetryRhythm({ clock, random: () => 0.25, onSecond: () => log.push(`s${clock.monotonic()}`), onDue: () => log.push(`d${clock.monotonic()}`) })
    beat.start(intervalMs)
    return { clock, log, beat }
  }

  it('sends each second what was measured in it, from a moment of the board’s own', () => {
    const { clock, log } = rhythm(1_000)
    clock.advance(2_300)
    expect(log).toEqual(['s250', 'd250', 's1250', 'd1250', 's2250', 'd2250'])
  })

  it('measures every second although it sends every five', () => {
    const { clock, log } = rhythm(5_000)
    clock.advance(10_000)
    expect(log.filter((line) => line.startsWith('s'))).toHaveLength(10)
    expect(log.filter((line) => line.startsWith('d'))).toEqual(['d4250', 'd9250'])
  })

  it('sends five times a second when asked to', () => {
    const { clock, log } = rhythm(200)
    clock.advance(1_250)
    expect(log.filter((line) => line.startsWith('d'))).toEqual(['d450', 'd650', 'd850', 'd1050', 'd1250'])
  })

  it('takes a new interval over at once and leaves no timer at the end', () => {
    const { clock, log, beat } = rhythm(60_000)
    clock.advance(10_000)
    beat.setInterval(500)
    clock.advance(1_000)
    expect(log.filter((line) => line.startsWith('d'))).toEqual(['d10500', 'd11000'])
    beat.stop()
    expect(clock.pending()).toBe(0)
  })
})
