import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { scan } from '../../src/sensors/scan.ts'
import { emulations } from '../../src/sim/chips/emulations.ts'
import { RegisterChip } from '../../src/sim/chips/register-chip.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { stillWorld } from '../support/chip-bench.ts'

/** A 24C02: one address byte, then whatever lies there, stepping on. */
class EmulatedEeprom extends RegisterChip {
  readonly #content: Uint8Array
  constructor(content: (at: number) => number) {
    super(manualClock())
    this.#content = Uint8Array.from({ length: 256 }, (_, at) => content(at))
  }
  powerCycle(): void {}
  protected catchUp(): void {}
  protected readRegister(register: number): number {
    return this.#content[register] ?? 0xff
  }
  protected writeRegister(register: number, value: number): void {
    this.#content[register] = value
  }
}

async function found(...chips: (readonly [model: string, address: number])[]) {
  const bus = createEmulatedBus()
  const world = stillWorld(manualClock())
  for (const [model, address] of chips) {
    const chip = emulations[model]?.(world, address)
    if (chip) bus.attach(address, chip)
  }
  return (await scan(bus, sensorRegistry)).map(({ address, definition, alike }) => [address, definition?.model, ...alike.map(({ model }) => model)])
}

describe('a shared address', () => {
  it.each(['tmp117', 'max30205', 'ads1115'])('0x48 tells a %s', async (model) => {
    expect(await found([model, 0x48])).toEqual([[0x48, model]])
  })

  it.each([
    ['max30102', ['max30102', 'max30105']],
    ['max30105', ['max30102', 'max30105']],
    ['max30100', ['max30100']],
  ])('0x57 tells a %s, and which it could as well be', async (model, expected) => {
    expect(await found([model, 0x57])).toEqual([[0x57, ...expected]])
  })

  it.each([
    ['empty', () => 0xff],
    ['with the oximeter\'s number by chance', (at: number) => (at === 0xff ? 0x15 : 0x00)],
  ])('0x57 does not take an EEPROM for an oximeter: %s', async (_what, content) => {
    const bus = createEmulatedBus()
    bus.attach(0x57, new EmulatedEeprom(content))
    expect((await scan(bus, sensorRegistry)).map(({ address, definition }) => [address, definition?.model])).toEqual([[0x57, undefined]])
  })

  it.each(['mlx90614', 'ccs811'])('0x5A tells a %s', async (model) => {
    expect(await found([model, 0x5a])).toEqual([[0x5a, model]])
  })

  it('0x76 and 0x77 tell a BMP280 from a BME280', async () => {
    expect(await found(['bme280', 0x76], ['bmp280', 0x77])).toEqual([[0x76, 'bme280'], [0x77, 'bmp280']])
  })
})
