import { describe, expect, it } from 'vitest'
import { isAppError } from '@vigil/contract/errors'
import type { Sensor, SensorDefinition } from '../../src/sensors/define-sensor.ts'
import type { Reading } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import type { ChipFault } from '../../src/sim/chips/emulated-chip.ts'
import { type ChipBench, chipBench } from '../support/chip-bench.ts'

/** How far a right answer may lie from the one before the fault: the noise of the chip. */
const tolerance: Readonly<Record<string, number>> = { mask_pressure: 15, ambient_pressure: 15, mask_gauge: 15, pamb: 0.15, temp: 0.02, tskin: 0.02, tamb: 0.05, rhum: 0.1, co2: 1, eco2: 1, tvoc: 1, red: 300, ir: 300, green: 300 }
const optical: ReadonlySet<string> = new Set(['red', 'ir', 'green'])
/** Counts that the signal path takes for a full converter. */
const FULL_COUNTS = 0.98 * 0x3ffff
/** Every driver gives its values within this time of a healthy chip. */
const SETTLED_MS = 40_000
const FAULT_MS = 25_000
/** No chip is slower to give its last good value than this: the SCD4x stands for 15 s. */
const GRACE_MS = 16_000

interface Given {
  readonly of: string
  readonly values: readonly number[]
}
const given = (readings: readonly Reading[]): Given[] =>
  readings.flatMap((reading): Given[] => {
    if (reading.kind === 'value') return [{ of: reading.signal, values: [reading.value] }]
    return reading.kind === 'block' ? [{ of: reading.channel, values: [...reading.values] }] : []
  })
const newest = (readings: readonly Reading[]): Map<string, number> => new Map(given(readings).map(({ of, values }) => [of, values.at(-1) ?? Number.NaN]))

/** Nothing that was said is far from the truth; a full light converter is no number but a sign. */
function expectNoWrongNumber(readings: readonly Reading[], truth: ReadonlyMap<string, number>): void {
  for (const { of, values } of given(readings)) {
    for (const value of values) {
      if (optical.has(of) && value >= FULL_COUNTS) continue
      expect(Math.abs(value - (truth.get(of) ?? Number.NaN)), `${of} ${value}, in truth ${truth.get(of)}`).toBeLessThanOrEqual(tolerance[of] ?? 0)
    }
  }
}

/** A healthy sensor that has given everything it reports. */
async function healthy(definition: SensorDefinition, address: number) {
  const bench = chipBench(definition.model, address)
  const sensor = await bench.open(definition)
  const { readings, errors } = await bench.readFor(sensor, definition, SETTLED_MS)
  const truth = newest(readings)
  expect(errors).toEqual([])
  expect([...truth.keys()].sort()).toEqual([...sensor.reports].sort())
  return { bench, sensor, truth }
}

async function expectRecovery(bench: ChipBench, sensor: Sensor, definition: SensorDefinition, truth: ReadonlyMap<string, number>): Promise<void> {
  const { readings } = await bench.readFor(sensor, definition, SETTLED_MS)
  expectNoWrongNumber(readings, truth)
  const after = await bench.readFor(sensor, definition, 6_000)
  expect([...newest(after.readings).keys()].sort()).toEqual([...sensor.reports].sort())
  expect(after.errors).toEqual([])
}

const lasting: readonly ChipFault[] = ['nack', 'stuck-bus', 'check-sum', 'power-on-value', 'not-ready', 'saturation']

const cases = sensorRegistry.flatMap((definition) => {
  const places = definition.addresses.includes(0x77) ? [0x76, 0x77] : definition.addresses.slice(0, 1)
  return places.map((address) => [definition.model, address, definition] as const)
})

describe.each(cases)('%s at %i', (model, address, definition) => {
  const own = Object.keys(chipBench(model, address).chip.faults()) as ChipFault[]

  it.each([...own, 'stuck-bus' as const].filter((fault) => lasting.includes(fault)))('with %s gives no number but says why, and comes back', async (fault) => {
    const { bench, sensor, truth } = await healthy(definition, address)
    const broken = fault === 'stuck-bus' ? { begin: () => bench.bus.stick(), end: () => bench.bus.free() } : (bench.chip.faults()[fault] ?? expect.fail('no such fault'))
    broken.begin()
    const early = await bench.readFor(sensor, definition, GRACE_MS)
    const late = await bench.readFor(sensor, definition, FAULT_MS - GRACE_MS)
    broken.end()
    expectNoWrongNumber([...early.readings, ...late.readings], truth)
    const said = [...early.readings, ...late.readings].filter((reading) => reading.kind === 'absent')
    const errors = [...early.errors, ...late.errors]
    expect(errors.every((error) => isAppError(error) && error.code === 'SENSOR_BUS_FAULT')).toBe(true)
    const flooded = given([...early.readings, ...late.readings]).some(({ of, values }) => optical.has(of) && values.some((value) => value >= FULL_COUNTS))
    expect(said.length + errors.length > 0 || flooded).toBe(true)
    // A chip whose one converter is full may go on giving what its others measure.
    const silent = new Set<string>(fault === 'saturation' ? said.map(({ of }) => of) : sensor.reports)
    expect(given(late.readings).filter(({ of, values }) => silent.has(of) && (!optical.has(of) || values.some((value) => value < FULL_COUNTS)))).toEqual([])
    await expectRecovery(bench, sensor, definition, truth)
  })

  it('after a brown-out gives no number of before, and comes back', async () => {
    const { bench, sensor, truth } = await healthy(definition, address)
    bench.chip.faults()['brown-out']?.begin()
    await expectRecovery(bench, sensor, definition, truth)
  })
})

const withFifo = cases.filter(([, , { channels }]) => channels.some(({ channel }) => channel === 'ir'))

describe.each(withFifo)('%s', (_model, address, definition) => {
  it('whose FIFO ran over says how many samples are missing', async () => {
    const { bench, sensor, truth } = await healthy(definition, address)
    bench.clock.advance(10_000)
    const { readings } = await bench.readFor(sensor, definition, 4_000)
    expectNoWrongNumber(readings, truth)
    const gaps = readings.flatMap((reading) => (reading.kind === 'block' && reading.channel === 'ir' && reading.gap ? [reading.gap] : []))
    expect(gaps).toHaveLength(1)
    expect(gaps[0]?.why).toBe('overflow')
    expect(Math.abs((gaps[0]?.lost ?? 0) - 250)).toBeLessThan(25)
    await expectRecovery(bench, sensor, definition, truth)
  })
})
