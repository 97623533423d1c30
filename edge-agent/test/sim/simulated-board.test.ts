import { beforeEach, describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '@vigil/contract/testing/manual-clock'
import type { Sensor } from '../../src/sensors/define-sensor.ts'
import type { BlockReading, Channel, Reading } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { scan } from '../../src/sensors/scan.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { createSimulatedBoard, type SimulatedBoard, type SimulatedBoardOptions } from '../../src/sim/simulated-board.ts'

const recordings = openRecordings()
const PASCAL_PER_CMH2O = 98.0665

/** A board with its sensors found by scanning and opened by the drivers, as the agent does it. */
async function openBoard(options: Partial<SimulatedBoardOptions> = {}) {
  const clock = manualClock()
  const board = createSimulatedBoard({
    clock,
    pulse: recordings.pulse('100003-right'),
    mask: recordings.mask('mask-01'),
    startOffsetS: 60,
    ratioOfRatios: 0.6,
    seed: 11,
    ...options,
  })
  const sensors = new Map<number, Sensor>()
  for (const { address, definition } of await scan(board.bus, sensorRegistry)) {
    const sensor = await definition?.open(board.bus.open({ address }), { clock })
    if (sensor) sensors.set(address, sensor)
  }
  const at = (address: number): Sensor => {
    const sensor = sensors.get(address)
    if (!sensor) expect.fail(`no sensor at ${address}`)
    return sensor
  }
  return { clock, board, oximeter: at(0x57), thermometer: at(0x48), sensors }
}

async function readFor(clock: ManualClock, sensor: Sensor, { totalMs, everyMs }: { totalMs: number; everyMs: number }): Promise<Reading[]> {
  const readings: Reading[] = []
  for (let passedMs = 0; passedMs < totalMs; passedMs += everyMs) {
    clock.advance(everyMs)
    readings.push(...(await sensor.read()))
  }
  return readings
}

const blocksOf = (readings: Reading[], channel: Channel): BlockReading[] => readings.filter((reading): reading is BlockReading => reading.kind === 'block' && reading.channel === channel)
const samplesOf = (readings: Reading[], channel: Channel): number[] => blocksOf(readings, channel).flatMap(({ values }) => [...values])
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
/** Deviation over mean after taking out the slow level with a running mean of two seconds. */
function pulsatility(values: number[]): number {
  const relative = values.slice(25, -25).map((value, i) => value / mean(values.slice(i, i + 51)) - 1)
  return Math.sqrt(mean(relative.map((value) => value * value)))
}

describe('a minute on a simulated board', () => {
  let clock: ManualClock
  let board: SimulatedBoard
  let oximeter: Sensor

  beforeEach(async () => {
    ;({ clock, board, oximeter } = await openBoard())
  })

  it('gives 1500 samples of each colour, evenly spaced and without a gap', async () => {
    const readings = await readFor(clock, oximeter, { totalMs: 60_000, everyMs: 400 })
    for (const channel of ['red', 'ir'] as const) {
      const blocks = blocksOf(readings, channel)
      expect(samplesOf(readings, channel)).toHaveLength(1_500)
      expect(blocks.every(({ gap }) => gap === undefined)).toBe(true)
      for (const [i, block] of blocks.slice(1).entries()) {
        const before = blocks[i]
        expect(block.t0Ms).toBeCloseTo((before?.t0Ms ?? 0) + (before?.values.length ?? 0) * 40, 6)
      }
    }
  })

  it('has the level and the pulse of the recording, systole down, in counts', async () => {
    const readings = await readFor(clock, oximeter, { totalMs: 60_000, everyMs: 400 })
    const infrared = samplesOf(readings, 'ir')
    const recorded = recordings.pulse('100003-right').infrared.values.subarray(60 * 30, 120 * 30)
    // 343.5 nA/mA at 6.2 mA over 4096 nA full scale of 18 bits.
    const countsPerUnit = ((343.5 * 6.2) / 4_096) * 0x40000
    expect(mean(infrared) / (mean([...recorded]) * countsPerUnit)).toBeCloseTo(1, 3)
    expect(mean(infrared) / 0x3ffff).toBeGreaterThan(0.4)
    expect(mean(infrared) / 0x3ffff).toBeLessThan(0.6)
    const height = (values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b)
      return (sorted.at(-30) ?? 0) - (sorted[30] ?? 0)
    }
    const downsampled = Array.from({ length: 1_500 }, (_, i) => recorded[Math.floor((i * 30) / 25)] ?? 0)
    expect(height(infrared) / (height(downsampled) * countsPerUnit)).toBeCloseTo(1, 1)
    const steps = infrared.slice(1).map((value, i) => value - (infrared[i] ?? 0)).toSorted((a, b) => a - b)
    expect(-(steps[15] ?? 0)).toBeGreaterThan(2 * (steps.at(-15) ?? 0))
  })

  it('has the stated ratio of ratios in its two colours', async () => {
    const readings = await readFor(clock, oximeter, { totalMs: 60_000, everyMs: 400 })
    const ratio = pulsatility(samplesOf(readings, 'red')) / pulsatility(samplesOf(readings, 'ir'))
    expect(ratio).toBeCloseTo(0.6, 2)
    expect(board.truth(clock.monotonic()).spo2).toBeCloseTo(92.47, 1)
    expect(board.truth(clock.monotonic()).heartRate).toBeGreaterThan(40)
  })

  it('shows swapped LEDs as the ratio upside down', async () => {
    board.chips.oximeter.swapLeds()
    const readings = await readFor(clock, oximeter, { totalMs: 60_000, everyMs: 400 })
    const ratio = pulsatility(samplesOf(readings, 'red')) / pulsatility(samplesOf(readings, 'ir'))
    expect(ratio).toBeCloseTo(1 / 0.6, 1)
  })

  it('shows a finger taken away and put back', async () => {
    await readFor(clock, oximeter, { totalMs: 2_000, everyMs: 400 })
    board.chips.oximeter.removeFinger()
    const away = samplesOf(await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 }), 'ir')
    expect(Math.max(...away)).toBeLessThan(0.02 * 0x3ffff)
    board.chips.oximeter.placeFinger()
    const back = samplesOf(await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 }), 'ir')
    expect(Math.min(...back)).toBeGreaterThan(0.3 * 0x3ffff)
  })

  it('follows the LED current', async () => {
    const before = mean(samplesOf(await readFor(clock, oximeter, { totalMs: 2_000, everyMs: 400 }), 'ir'))
    await oximeter.leds?.set({ redMa: 3.2, irMa: 3.2 })
    const readings = await readFor(clock, oximeter, { totalMs: 2_000, everyMs: 400 })
    expect(mean(samplesOf(readings, 'ir')) / before).toBeCloseTo(3.2 / 6.2, 1)
    expect(blocksOf(readings, 'ir')[0]?.gap).toEqual({ why: 'led-current', lost: 0 })
  })

  it('measures the temperature of the oximeter\'s die', async () => {
    await oximeter.dieTemperature?.()
    clock.advance(29)
    expect(await oximeter.dieTemperature?.()).toBe(31)
  })
})

describe('faults on a simulated board', () => {
  it('an agent that slept loses samples and says how many', async () => {
    const { clock, oximeter } = await openBoard()
    await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 })
    clock.advance(10_000)
    const readings = await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 })
    const [gap, ...others] = blocksOf(readings, 'ir').map((block) => block.gap)
    // 10 s and the 0.4 s that were still in the FIFO when it was cleared.
    expect(gap).toEqual({ why: 'overflow', lost: 260 })
    expect(others.every((other) => other === undefined)).toBe(true)
  })

  it('a reboot of the board is noticed by every driver, and all come back', async () => {
    const { clock, board, oximeter, thermometer, sensors } = await openBoard()
    const mask = sensors.get(0x76)
    await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 })
    await thermometer.read()
    await mask?.read()
    board.powerCycle()
    expect(await oximeter.read()).toMatchObject([{ kind: 'absent', reason: 'warmup' }, { kind: 'absent', reason: 'warmup' }])
    expect(await thermometer.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
    expect(await mask?.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'warmup' }])
    const pulse = await readFor(clock, oximeter, { totalMs: 4_000, everyMs: 400 })
    expect(blocksOf(pulse, 'red')[0]?.gap?.why).toBe('brown-out')
    expect(samplesOf(pulse, 'red')).toHaveLength(100)
    expect((await thermometer.read())[0]).toMatchObject({ kind: 'value' })
    expect((await mask?.read())?.[0]).toMatchObject({ kind: 'block', gap: { why: 'brown-out' } })
  })

  it('an unplugged oximeter is a bus fault; plugged in again it goes on by itself', async () => {
    const { clock, board, oximeter } = await openBoard()
    board.chips.oximeter.unplug()
    await expect(oximeter.read()).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT', details: { fault: 'nack' } })
    board.chips.oximeter.plugIn()
    await oximeter.read()
    expect(samplesOf(await readFor(clock, oximeter, { totalMs: 2_000, everyMs: 400 }), 'ir')).toHaveLength(50)
  })
})

/** Everything the recording did while the conversion may have run: it has whirls faster than a reading can be dated. */
function recordedAround(board: SimulatedBoard, atMs: number): [lowest: number, highest: number] {
  const around = Array.from({ length: 25 }, (_, i) => board.truth(atMs + i - 12).mask?.cmH2O ?? Number.NaN)
  return [Math.min(...around), Math.max(...around)]
}
const distance = (value: number, [lowest, highest]: [number, number]) => Math.max(0, lowest - value, value - highest)

describe('breathing pressure on a simulated board', () => {
  async function breathe(options: Partial<SimulatedBoardOptions>) {
    const { clock, board, sensors } = await openBoard(options)
    const errors: number[] = []
    const levels: number[] = []
    for (let n = 0; n < 60 * 25; n += 1) {
      clock.advance(40)
      const [mask] = blocksOf((await sensors.get(0x76)?.read()) ?? [], 'mask_pressure')
      const [ambient] = blocksOf((await sensors.get(0x77)?.read()) ?? [], 'ambient_pressure')
      if (!mask || !ambient) continue
      const cmH2O = ((mask.values[0] ?? 0) - (ambient.values[0] ?? 0)) / PASCAL_PER_CMH2O
      levels.push(cmH2O)
      errors.push(distance(cmH2O, recordedAround(board, mask.t0Ms)))
    }
    const rms = Math.sqrt(mean(errors.map((error) => error * error)))
    return { count: errors.length, rms, worst: Math.max(...errors), levels }
  }

  it.each(recordings.maskIds)('is the recording %s within 0.1 cmH2O: mask less room, read 25 times a second', async (id) => {
    const quiet = await breathe({ mask: recordings.mask(id), pressureNoisePa: 0 })
    expect(quiet.count).toBe(1_500)
    expect(quiet.worst).toBeLessThan(0.1)
    expect(Math.max(...quiet.levels) - Math.min(...quiet.levels)).toBeGreaterThan(2)
  })

  it('has the noise of two real sensors on it', async () => {
    const [quiet, noisy] = [await breathe({ pressureNoisePa: 0 }), await breathe({})]
    const noise = noisy.levels.map((level, i) => level - (quiet.levels[i] ?? 0))
    // 2.07 Pa each at ×4.
    expect(Math.sqrt(mean(noise.map((value) => value * value))) * PASCAL_PER_CMH2O).toBeCloseTo(Math.SQRT2 * 2.07, 0)
    expect(noisy.worst).toBeLessThan(0.15)
  })

  it('is not there without a mask', async () => {
    const { sensors } = await openBoard({ mask: undefined })
    expect([...sensors.keys()]).toEqual([0x48, 0x57])
  })
})

describe.each(['tmp117', 'max30205'] as const)('temperature on a board with a %s', (thermometer) => {
  it('warms up, then is the patient\'s within 0.02 °C', async () => {
    const { clock, board, thermometer: sensor } = await openBoard({ thermometer, baseTempCel: 38.3 })
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
    const readings = await readFor(clock, sensor, { totalMs: 60_000, everyMs: 1_000 })
    expect(readings).toHaveLength(60)
    const truth = board.truth(clock.monotonic()).temperatureCel
    for (const reading of readings) expect(Math.abs((reading.kind === 'value' ? reading.value : Number.NaN) - truth)).toBeLessThan(0.02)
  })
})
