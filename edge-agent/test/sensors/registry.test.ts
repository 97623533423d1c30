import { describe, expect, it } from 'vitest'
import { signalByName } from '@vigil/contract/catalogue'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { type I2c } from '../../src/bus/i2c.ts'
import { absences } from '../../src/sensors/define-sensor.ts'
import { channels } from '../../src/sensors/reading.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { EmulatedBmp280 } from '../../src/sim/chips/emulated-bmp280.ts'
import { type EmulatedChip } from '../../src/sim/chips/emulated-chip.ts'
import { EmulatedMax30102 } from '../../src/sim/chips/emulated-max30102.ts'
import { EmulatedMax30205 } from '../../src/sim/chips/emulated-max30205.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

const clock = manualClock()
const temperatureCel = () => 37
const emulations: Record<string, () => EmulatedChip> = {
  max30102: () => new EmulatedMax30102({ clock, light: () => 100 }),
  tmp117: () => new EmulatedTmp117({ clock, temperatureCel }),
  max30205: () => new EmulatedMax30205({ clock, temperatureCel }),
  bmp280: () => new EmulatedBmp280({ clock, pressurePa: () => 101_325, temperatureCel, seed: 1 }),
}

/** The chip alone on a bus, with every byte written to it. */
function alone(model: string, address: number): { i2c: I2c; written: number[][] } {
  const bus = createEmulatedBus()
  const chip = emulations[model]?.()
  if (chip) bus.attach(address, chip)
  const i2c = bus.open({ address })
  const written: number[][] = []
  const noting: I2c = {
    ...i2c,
    write: (bytes) => {
      written.push([...bytes])
      return i2c.write(bytes)
    },
    writeRead: (bytes, into) => {
      written.push([...bytes])
      return i2c.writeRead(bytes, into)
    },
  }
  return { i2c: noting, written }
}

describe('the sensor registry', () => {
  it('names every model once', () => {
    const models = sensorRegistry.map(({ model }) => model)
    expect(new Set(models).size).toBe(models.length)
    for (const model of models) expect(model).toMatch(/^[a-z0-9]+$/)
  })

  it('has an emulation for every chip', () => {
    expect(Object.keys(emulations).sort()).toEqual(sensorRegistry.map(({ model }) => model).sort())
  })
})

describe.each(sensorRegistry.map((definition) => [definition.model, definition] as const))('%s', (model, definition) => {
  it('sits at valid addresses, each named once', () => {
    expect(definition.addresses.length).toBeGreaterThan(0)
    expect(new Set(definition.addresses).size).toBe(definition.addresses.length)
    for (const address of definition.addresses) expect(address >= 0x08 && address <= 0x77).toBe(true)
  })

  it('measures signals of the catalogue in the catalogue\'s units', () => {
    for (const { signal, unit } of definition.signals) expect(signalByName(signal)?.ucum).toBe(unit)
    for (const signal of definition.feeds) expect(signalByName(signal)).toBeDefined()
    for (const { channel, hz } of definition.channels) {
      expect(channels[channel]).toBeDefined()
      expect(hz).toBeGreaterThan(0)
    }
    expect(definition.signals.length + definition.feeds.length).toBeGreaterThan(0)
  })

  it('recognises its own chip and writes nothing but register pointers to do so', async () => {
    for (const address of definition.addresses) {
      const { i2c, written } = alone(model, address)
      expect(await definition.identify(i2c)).toBe(true)
      expect(written.every((bytes) => bytes.length === 1)).toBe(true)
    }
  })

  it('takes no other chip for its own', async () => {
    for (const other of Object.keys(emulations).filter((name) => name !== model)) {
      const address = definition.addresses[0] ?? 0
      expect(await definition.identify(alone(other, address).i2c)).toBe(false)
    }
  })

  it('reports only what it declares', async () => {
    const declared = [...definition.signals.map(({ signal }) => signal), ...definition.channels.map(({ channel }) => channel)]
    for (const address of definition.addresses) {
      const sensor = await definition.open(alone(model, address).i2c, { clock })
      expect(sensor.reports.length).toBeGreaterThan(0)
      for (const of of sensor.reports) expect(declared).toContain(of)
      expect(absences(sensor, 'fault')).toEqual(sensor.reports.map((of) => ({ kind: 'absent', of, reason: 'fault' })))
      await sensor.close()
    }
  })
})
