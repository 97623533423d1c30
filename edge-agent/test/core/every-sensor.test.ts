import { describe, expect, it, onTestFinished } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { memoryDocument } from '../../src/commands/durable-document.ts'
import { createSensorStation, type SensorPlace } from '../../src/core/sensor-station.ts'
import { createSensorSignals } from '../../src/core/vital-signs-of-sensors.ts'
import type { Channel, Reading } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import type { ChipFault } from '../../src/sim/chips/emulated-chip.ts'
import { createSimulatedBoard, everyKind, type FittedChip } from '../../src/sim/simulated-board.ts'
import { recordings } from '../support/bench-agent.ts'

/** A board with these chips, its station and the signal path behind it. */
async function boardWith(fitted: readonly FittedChip[], { looksItself = false, ratioOfRatios = 0.6, finger = '100001-left' } = {}) {
  const clock = manualClock()
  const board = createSimulatedBoard({ clock, pulse: recordings.pulse(finger), mask: recordings.mask('mask-01'), ratioOfRatios, seed: 1, fitted })
  const readings: Reading[] = []
  const signals = createSensorSignals()
  const station = createSensorStation({
    bus: board.bus,
    clock,
    registry: sensorRegistry,
    configured: looksItself ? undefined : fitted,
    document: memoryDocument<readonly SensorPlace[]>([]),
    onReadings: (some) => {
      readings.push(...some)
      for (const reading of some) signals.vitalSigns.push(reading)
    },
    onFault: () => {},
    onRecovery: () => {},
    onChange: () => {},
    log: () => {},
  })
  const state = { started: false }
  const starting = station.start().then(() => (state.started = true))
  let elapsedMs = 0
  let second = signals.vitalSigns.second(0)
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i += 10) {
      clock.advance(10)
      elapsedMs += 10
      await new Promise<void>((resolve) => void setImmediate(resolve))
      if (elapsedMs % 1_000 === 0) second = signals.vitalSigns.second(clock.monotonic())
    }
  }
  while (!state.started) await pass(10)
  await starting
  onTestFinished(() => {
    const stopping = station.stop()
    void pass(1_000)
    return stopping
  })
  return { board, station, readings, pass, second: () => second, clock }
}
const channelsHeard = (readings: readonly Reading[]): Channel[] => [...new Set(readings.flatMap((reading) => (reading.kind === 'block' ? [reading.channel] : [])))].sort()

describe('a board with a sensor of every kind', () => {
  it('works with all of them, and hears one of those that give the same', async () => {
    const { station, readings, pass, second } = await boardWith(everyKind)
    expect(station.places()).toHaveLength(everyKind.length)
    await pass(14_000)
    expect(station.faults()).toEqual([])
    expect(channelsHeard(readings)).toEqual(['ambient_pressure', 'green', 'ir', 'mask_gauge', 'mask_pressure', 'red'])
    const samples = readings.reduce((sum, one) => sum + (one.kind === 'block' && one.channel === 'mask_gauge' ? one.values.length : 0), 0)
    expect(samples / 14).toBeLessThan(27)
    expect(Object.keys(second().m)).toEqual(expect.arrayContaining(['pr', 'spo2', 'paw']))
    const values = new Set(readings.flatMap((reading) => (reading.kind === 'value' ? [reading.signal] : [])))
    expect([...values].sort()).toEqual(['co2', 'eco2', 'pamb', 'rhum', 'tamb', 'temp', 'tskin', 'tvoc'])
  })

  it('hears the next one when the first fails', async () => {
    const { board, readings, pass } = await boardWith([{ model: 'tmp117', address: 0x48 }, { model: 'max30205', address: 0x49 }])
    await pass(4_000)
    board.chipAt(0x48)?.unplug()
    await pass(4_000)
    readings.length = 0
    await pass(5_000)
    expect(readings.filter(({ kind }) => kind === 'absent')).toEqual([])
    expect(readings.filter((reading) => reading.kind === 'value' && reading.signal === 'temp').length).toBeGreaterThanOrEqual(4)
  })

  it('uses no sensor by itself whose wiring a person must confirm', async () => {
    const { station } = await boardWith(everyKind, { looksItself: true })
    expect(station.places().map(({ model }) => model)).toEqual(['tmp117', 'max30205', 'max30102', 'mlx90614', 'ccs811', 'scd4x', 'bmp280', 'bme280'])
  })
})

describe('mask pressure', () => {
  const sources: (readonly [string, readonly FittedChip[]])[] = [
    ['two barometers', [{ model: 'bmp280', address: 0x76 }, { model: 'bmp280', address: 0x77 }]],
    ['a BMP280 in the mask and a BME280 in the room', [{ model: 'bmp280', address: 0x76 }, { model: 'bme280', address: 0x77 }]],
    ['an XGZP6897', [{ model: 'xgzp6897', address: 0x6d }]],
  ]
  it.each(sources)('of %s ends as paw above the room', async (_name, fitted) => {
    const { board, pass, second, clock } = await boardWith(fitted)
    await pass(60_000)
    const { m, x } = second()
    expect(x).toEqual({})
    const truth = board.truth(clock.monotonic()).mask
    expect(Math.abs((m.paw ?? Number.NaN) - (truth?.cmH2O ?? 0))).toBeLessThan(6)
    expect(Math.abs((m.rr ?? Number.NaN) - (truth?.breathsPerMinute ?? 0))).toBeLessThan(4)
    expect(m.peep).toBeGreaterThan(2)
    expect(m.pip).toBeGreaterThan(m.peep ?? Number.NaN)
  })

  it('beyond the range of an SDP is said to be saturated, not shown at the end of the range', async () => {
    const { pass, second } = await boardWith([{ model: 'sdp8xx', address: 0x25 }])
    await pass(20_000)
    expect(second().m.paw ?? 0).toBeLessThan(5.1)
    expect(Object.values(second().x)).toContain('saturated')
  })

  it('of an MPXV7002 that starts with the mask on a patient is not given: it would have no zero', async () => {
    const { pass, second } = await boardWith([{ model: 'ads1115', address: 0x4a }])
    await pass(20_000)
    expect(second()).toMatchObject({ m: {}, x: { paw: 'warmup' } })
  })
})

describe.each(['max30102', 'max30105', 'max30100'])('%s', (model) => {
  it('feeds the one signal path: pulse and saturation are those of the recording', async () => {
    const { board, pass, second, clock } = await boardWith([{ model, address: 0x57 }])
    await pass(30_000)
    const truth = board.truth(clock.monotonic())
    expect(Math.abs((second().m.pr ?? Number.NaN) - (truth.heartRate ?? 0))).toBeLessThan(6)
    expect(Math.abs((second().m.spo2 ?? Number.NaN) - truth.spo2)).toBeLessThan(1.5)
  })

  it('with swapped LEDs gives no saturation but says why', async () => {
    const { board, pass, second, readings } = await boardWith([{ model, address: 0x57 }], { ratioOfRatios: 0.5, finger: '100003-right' })
    board.chipAt(0x57)?.faults()['swapped-leds' satisfies ChipFault]?.begin()
    await pass(30_000)
    expect(readings.length).toBeGreaterThan(0)
    expect([second().m.spo2, second().x.spo2]).toEqual([undefined, 'swapped'])
  })
})
