import { type ManualClock, manualClock } from '@vigil/contract/testing/manual-clock'
import type { I2c } from '../../src/bus/i2c.ts'
import type { Sensor, SensorDefinition } from '../../src/sensors/define-sensor.ts'
import type { Reading } from '../../src/sensors/reading.ts'
import type { EmulatedChip } from '../../src/sim/chips/emulated-chip.ts'
import { type ChipWorld, emulations } from '../../src/sim/chips/emulations.ts'
import { createEmulatedBus, type EmulatedBus } from '../../src/sim/emulated-bus.ts'
import { passing } from './passing.ts'

/** Long enough for an analogue sensor to find its zero before anything presses. */
const QUIET_MS = 4_000

/** A world that stands still, apart from the pressure, which comes after the start. */
export const stillWorld = (clock: ManualClock): ChipWorld => ({
  clock,
  light: () => 200,
  bodyCel: () => 37,
  roomCel: () => 22,
  humidityPercent: () => 45,
  ambientPa: () => 100_800,
  gaugePa: (atMs) => (atMs < QUIET_MS ? 0 : 300),
  co2Ppm: () => 700,
  tvocPpb: () => 120,
  seed: 1,
})

export interface ChipBench {
  readonly clock: ManualClock
  readonly bus: EmulatedBus
  readonly chip: EmulatedChip
  readonly i2c: I2c
  /** Every write so far, byte by byte. */
  readonly written: number[][]
  open(definition: SensorDefinition): Promise<Sensor>
  /** Reads at the sensor's pace for so long; what a read throws is collected too. */
  readFor(sensor: Sensor, definition: SensorDefinition, totalMs: number): Promise<{ readings: Reading[]; errors: unknown[] }>
}

/** One emulated chip alone on a bus. */
export function chipBench(model: string, address: number, change: (world: ChipWorld) => Partial<ChipWorld> = () => ({})): ChipBench {
  const clock = manualClock()
  const bus = createEmulatedBus()
  const world = stillWorld(clock)
  const chip = emulations[model]?.({ ...world, ...change(world) }, address) as EmulatedChip
  bus.attach(address, chip)
  const plain = bus.open({ address })
  const written: number[][] = []
  const note = (bytes: Uint8Array): void => void written.push([...bytes])
  const i2c: I2c = {
    ...plain,
    write: (bytes) => {
      note(bytes)
      return plain.write(bytes)
    },
    writeRead: (bytes, into) => {
      note(bytes)
      return plain.writeRead(bytes, into)
    },
  }
  return {
    clock,
    bus,
    chip,
    i2c,
    written,
    open: (definition) => passing(clock, definition.open(i2c, { clock })),
    async readFor(sensor, { readEveryMs }, totalMs) {
      const readings: Reading[] = []
      const errors: unknown[] = []
      for (let passedMs = 0; passedMs < totalMs; passedMs += readEveryMs) {
        clock.advance(readEveryMs)
        try {
          readings.push(...(await passing(clock, sensor.read())))
        } catch (error) {
          errors.push(error)
        }
      }
      return { readings, errors }
    },
  }
}
