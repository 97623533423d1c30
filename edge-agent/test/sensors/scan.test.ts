import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { busFault, type I2cBus } from '../../src/bus/i2c.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { scan } from '../../src/sensors/scan.ts'
import { EmulatedBmp280 } from '../../src/sim/chips/emulated-bmp280.ts'
import { EmulatedMax30102 } from '../../src/sim/chips/emulated-max30102.ts'
import { EmulatedMax30205 } from '../../src/sim/chips/emulated-max30205.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

const clock = manualClock()
const temperatureCel = () => 37
const pressure = () => new EmulatedBmp280({ clock, pressurePa: () => 101_325, temperatureCel, seed: 1 })

const found = async (bus: ReturnType<typeof createEmulatedBus>) => (await scan(bus, sensorRegistry)).map(({ address, definition }) => [address, definition?.model])

describe('scanning the bus', () => {
  it('finds nothing on an empty bus', async () => {
    expect(await found(createEmulatedBus())).toEqual([])
  })

  it('lists every chip by its identity, in order of address', async () => {
    const bus = createEmulatedBus()
    bus.attach(0x77, pressure())
    bus.attach(0x76, pressure())
    bus.attach(0x57, new EmulatedMax30102({ clock, light: () => 100 }))
    bus.attach(0x48, new EmulatedTmp117({ clock, temperatureCel }))
    expect(await found(bus)).toEqual([
      [0x48, 'tmp117'],
      [0x57, 'max30102'],
      [0x76, 'bmp280'],
      [0x77, 'bmp280'],
    ])
  })

  it('tells two thermometers apart that can sit at the same address', async () => {
    const bus = createEmulatedBus()
    bus.attach(0x48, new EmulatedMax30205({ clock, temperatureCel }))
    bus.attach(0x49, new EmulatedTmp117({ clock, temperatureCel }))
    expect(await found(bus)).toEqual([
      [0x48, 'max30205'],
      [0x49, 'tmp117'],
    ])
  })

  it('names a chip it does not know by its address alone', async () => {
    const bus = createEmulatedBus()
    bus.attach(0x57, pressure())
    expect(await found(bus)).toEqual([[0x57, undefined]])
  })

  it('shows a chip the operating system keeps to itself instead of giving up', async () => {
    const bus = createEmulatedBus()
    bus.attach(0x48, new EmulatedTmp117({ clock, temperatureCel }))
    const withTaken: I2cBus = {
      ...bus,
      open: (options) => {
        const taken = async () => {
          throw busFault(options.address, 'taken')
        }
        return options.address === 0x57 ? { ...bus.open(options), writeRead: taken } : bus.open(options)
      },
    }
    expect((await scan(withTaken, sensorRegistry)).map(({ address, definition }) => [address, definition?.model])).toEqual([
      [0x48, 'tmp117'],
      [0x57, undefined],
    ])
  })

  it('says that the bus is broken instead of finding nothing', async () => {
    const bus = createEmulatedBus()
    bus.attach(0x48, new EmulatedTmp117({ clock, temperatureCel }))
    bus.stick()
    await expect(scan(bus, sensorRegistry)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT', details: { fault: 'stuck' } })
    bus.free()
    expect(await found(bus)).toEqual([[0x48, 'tmp117']])
  })
})
