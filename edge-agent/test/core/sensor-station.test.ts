import { describe, expect, it, onTestFinished } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { memoryDocument } from '../../src/commands/durable-document.ts'
import { createSensorStation, type SensorPlace } from '../../src/core/sensor-station.ts'
import { createSensorSignals } from '../../src/core/vital-signs-of-sensors.ts'
import type { LedControl, LedCurrent } from '../../src/sensors/define-sensor.ts'
import type { Reading } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { createSimulatedBoard } from '../../src/sim/simulated-board.ts'
import { recordings } from '../support/bench-agent.ts'

async function station({ places = [] as readonly SensorPlace[], unplugged = false } = {}) {
  const clock = manualClock()
  const board = createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1 })
  if (unplugged) board.chips.thermometer.unplug()
  const readings: Reading[] = []
  const said: string[] = []
  const document = memoryDocument<readonly SensorPlace[]>(places)
  const sensors = createSensorStation({
    bus: board.bus,
    clock,
    registry: sensorRegistry,
    document,
    onReadings: (some) => readings.push(...some),
    onFault: ({ model }, why) => said.push(`${model}: ${why}`),
    onRecovery: ({ model }) => said.push(`${model} is back`),
    onChange: () => said.push('changed'),
    log: () => {},
  })
  // A driver waits for its chip while it sets it up, so time must pass for the start to end.
  const start = { done: false }
  const starting = sensors.start().then(() => (start.done = true))
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i += 20) {
      clock.advance(20)
      // Every transfer of this moment ends before time goes on.
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
  }
  while (!start.done) await pass(20)
  await starting
  onTestFinished(() => sensors.stop())
  return { board, sensors, readings, said, document, clock, pass }
}

describe('the sensors of a board', () => {
  it('are found at the start, remembered, and read at the pace each needs', async () => {
    const { sensors, document, readings, pass } = await station()
    expect(sensors.places()).toEqual(document.load())
    expect(sensors.places().map(({ model }) => model)).toEqual(['tmp117', 'max30102', 'bmp280', 'bmp280'])
    readings.length = 0
    await pass(4_000)
    const samples = (channel: string): number => readings.reduce((sum, one) => sum + (one.kind === 'block' && one.channel === channel ? one.values.length : 0), 0)
    for (const channel of ['ir', 'red', 'mask_pressure', 'ambient_pressure']) expect(Math.abs(samples(channel) - 100), channel).toBeLessThanOrEqual(11)
    expect(readings.filter((one) => one.kind === 'value' && one.signal === 'temp').length).toBeGreaterThanOrEqual(3)
  })

  it('that hold the whole bus down are all faults, and all come back', async () => {
    const { board, sensors, said, pass } = await station()
    said.length = 0
    board.bus.stick()
    await pass(3_000)
    expect(sensors.faults()).toHaveLength(4)
    expect(said.filter((line) => line.includes('bus is held down'))).toHaveLength(4)
    board.bus.free()
    await pass(40_000)
    expect(sensors.faults()).toEqual([])
    expect(said.filter((line) => line.endsWith('is back'))).toHaveLength(4)
  })

  it('that are refused one transfer are no fault', async () => {
    const { board, sensors, said, pass } = await station()
    said.length = 0
    board.chips.thermometer.nackNext(1)
    await pass(3_000)
    expect([sensors.faults(), said]).toEqual([[], []])
  })

  it('are noticed when they are plugged in later', async () => {
    const { board, sensors, said, pass } = await station({ unplugged: true })
    expect(sensors.places().map(({ model }) => model)).not.toContain('tmp117')
    board.chips.thermometer.plugIn()
    await pass(31_000)
    expect(sensors.places().map(({ model }) => model)).toContain('tmp117')
    expect(said).toContain('changed')
  })

  it('do not take what another gives for missing', async () => {
    const { readings, sensors, pass } = await station({ places: [{ model: 'tmp117', address: 0x4b }] })
    await pass(3_000)
    expect(sensors.faults()).toMatchObject([{ model: 'tmp117', address: 0x4b }])
    readings.length = 0
    await pass(10_000)
    expect(readings.filter((one) => one.kind === 'absent' && one.of === 'temp')).toEqual([])
  })
})

describe('the light of the oximeter', () => {
  const FULL = 0x3ffff
  const leds = (current: LedCurrent): LedControl & { readonly asked: LedCurrent[] } => {
    const asked: LedCurrent[] = []
    return { asked, fullScale: FULL, maximumMa: 51, current, nearest: (ma) => Math.round(ma * 5) / 5, set: async (wanted) => void asked.push(wanted) }
  }
  const after = async (level: number) => {
    const signals = createSensorSignals()
    for (const channel of ['red', 'ir'] as const) signals.vitalSigns.push({ kind: 'block', channel, hz: 25, t0Ms: 0, values: new Float32Array(25).fill(level * FULL) })
    const control = leds({ redMa: 10, irMa: 10 })
    await signals.adjustLeds(control)
    return control.asked
  }

  it('is turned down when the converter is nearly full, and up when little comes back', async () => {
    expect((await after(0.95))[0]?.irMa).toBeLessThan(10)
    expect((await after(0.15))[0]?.irMa).toBeGreaterThan(10)
  })

  it('is left alone while it is right: a change would cost the stream', async () => {
    expect(await after(0.5)).toEqual([])
    const control = leds({ redMa: 10, irMa: 10 })
    await createSensorSignals().adjustLeds(control)
    expect(control.asked).toEqual([])
  })

  it('rests without a finger', async () => {
    expect(await after(0.02)).toEqual([{ redMa: 6.2, irMa: 6.2 }])
  })
})
