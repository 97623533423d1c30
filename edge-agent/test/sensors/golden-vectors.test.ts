import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '@vigil/contract/testing/manual-clock'
import { type ScriptedI2c, scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { ads1115 } from '../../src/sensors/ads1115.ts'
import { parseHumidityCalibration, relativeHumidity } from '../../src/sensors/bme280-humidity.ts'
import { ccs811 } from '../../src/sensors/ccs811.ts'
import type { Sensor, SensorContext, SensorDefinition } from '../../src/sensors/define-sensor.ts'
import { max30100 } from '../../src/sensors/max30100.ts'
import { mlx90614 } from '../../src/sensors/mlx90614.ts'
import { scd4x } from '../../src/sensors/scd4x.ts'
import { sdp8xx } from '../../src/sensors/sdp8xx.ts'
import { crc8 } from '../../src/sensors/sensirion.ts'
import { smbusPec } from '../../src/sensors/smbus-pec.ts'
import { xgzp6897 } from '../../src/sensors/xgzp6897.ts'
import { createZeroAtStart } from '../../src/sensors/zero-at-start.ts'
import { rawHumidityFor } from '../../src/sim/chips/emulated-bme280.ts'
import { wordCrc } from '../../src/sim/chips/sensirion-chip.ts'
import { passing } from '../support/passing.ts'

async function open(definition: SensorDefinition, address: number, script: readonly Omit<ScriptedTransfer, 'address'>[], context: Partial<SensorContext> = {}): Promise<{ sensor: Sensor; clock: ManualClock; bus: ScriptedI2c }> {
  const clock = manualClock()
  const bus = scriptedI2c(script.map((transfer) => ({ address, ...transfer })))
  return { bus, clock, sensor: await passing(clock, definition.open(bus.open({ address }), { clock, ...context })) }
}
const word = (value: number): number[] => [value >> 8, value & 0xff, crc8([value >> 8, value & 0xff])]

describe('check sums', () => {
  it('of Sensirion and SMBus are those of their datasheets', () => {
    expect([crc8([0xbe, 0xef]), crc8([0x00, 0x00])]).toEqual([0x92, 0x81])
    expect([smbusPec([0xb4, 0x07, 0xb5, 0xd2, 0x3a]), smbusPec([0xb4, 0x22, 0x07, 0xc8]), smbusPec([0xb4, 0xff])]).toEqual([0x30, 0x48, 0xe8])
  })

  it('of the drivers and of the emulations, found in different ways, agree on every word', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff }), (value) => crc8([value >> 8, value & 0xff]) === wordCrc(value)))
  })
})

describe('MLX90614', () => {
  const asked = (...bytes: number[]) => ({ write: [0x07], read: bytes })
  it('reads 28.01 °C from the datasheet\'s message', async () => {
    const { sensor } = await open(mlx90614, 0x5a, [asked(0xd2, 0x3a, 0x30)])
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'tskin', value: expect.closeTo(28.01, 6) }])
  })

  it('does not believe a message whose check sum does not fit', async () => {
    const { sensor } = await open(mlx90614, 0x5a, [asked(0xd2, 0x3b, 0x30)])
    await expect(sensor.read()).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT', details: { fault: 'garbled' } })
  })

  it('takes its error flag for a fault, not for a temperature', async () => {
    const { sensor } = await open(mlx90614, 0x5a, [asked(0xd2, 0xba, smbusPec([0xb4, 0x07, 0xb5, 0xd2, 0xba]))])
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'tskin', reason: 'fault' }])
  })
})

describe('BME280 humidity', () => {
  const trimming = parseHumidityCalibration(75, Uint8Array.of(0x63, 0x01, 0x00, 0x15, 0x24, 0x03, 0x1e))
  it('unpacks the two twelve-bit values that share a byte', () => {
    expect(trimming).toEqual({ h1: 75, h2: 355, h3: 0, h4: 340, h5: 50, h6: 30 })
    expect(parseHumidityCalibration(0, Uint8Array.of(0, 0, 0, 0xff, 0xff, 0xff, 0xff))).toMatchObject({ h4: -1, h5: -1, h6: -1 })
  })

  it('by the floating-point formula is what the integer formula of the datasheet gives', () => {
    fc.assert(
      fc.property(fc.double({ min: 5, max: 95, noNaN: true }), fc.double({ min: 0, max: 45, noNaN: true }), (percent, cel) => {
        expect(Math.abs(relativeHumidity(rawHumidityFor(percent, cel), Math.round(cel * 5_120), trimming) - percent)).toBeLessThan(0.1)
      }),
    )
  })
})

describe('XGZP6897', () => {
  const converted = (...bytes: number[]) => [{ write: [0x30], read: [0x02] }, { write: [0x06], read: bytes }, { write: [0x30, 0x0a] }]
  const start = { write: [0x30, 0x0a] }

  it.each([
    [10, 512, [0x07, 0xd0, 0x00]],
    [2, 4_096, [0x3e, 0x80, 0x00]],
  ])('of %s kPa reads 1000 Pa with %s counts in one', async (kpa, _counts, bytes) => {
    const { sensor, clock } = await open(xgzp6897, 0x6d, [start, ...converted(...bytes, 0x1a, 0x00)], { options: { range_kpa: kpa } })
    expect(await sensor.read()).toEqual([])
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ channel: 'mask_gauge', values: Float32Array.of(1_000), t0Ms: 10 }])
  })

  it('reads suction', async () => {
    const { sensor, clock } = await open(xgzp6897, 0x6d, [start, ...converted(0xff, 0xfe, 0x00, 0x1a, 0x00)])
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ values: Float32Array.of(-1) }])
  })
})

describe('SDP8xx', () => {
  it('reads pascals by the scale it sends, and takes nothing while it has nothing new', async () => {
    const { sensor, clock, bus } = await open(sdp8xx, 0x25, [...Array.from({ length: 10 }, () => ({ read: [], fault: 'nack' as const })), { write: [0x36, 0x15] }, { read: [...word(0xfa24), ...word(5_000), ...word(60)] }, { read: [], fault: 'nack' }])
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ channel: 'mask_gauge', values: Float32Array.of(-25), t0Ms: 20 }])
    expect(await sensor.read()).toEqual([])
    bus.done()
  })
})

describe('ADS1115 with MPXV7002', () => {
  const shot = (input: number, code: number) => [{ write: [0x01], read: [input, 0xa3] }, { write: [0x00], read: [(code >> 8) & 0xff, code & 0xff] }]
  const order = (input: number) => ({ write: [0x01, input, 0xa3] })
  const SUPPLY = 0xd1
  const PRESSURE = 0xc1
  const volt = (v: number): number => Math.round(v / 0.0001875)

  it('measures against its own supply and takes what it shows at rest for zero', async () => {
    // Every 200 ms the supply once more, between two samples of the pressure.
    const supply = [...shot(SUPPLY, volt(5.1)), order(PRESSURE)]
    const pressure = (volts: number, n: number) => [...shot(PRESSURE, volt(volts)), ...(n % 5 === 4 ? [order(SUPPLY), ...supply] : [order(PRESSURE)])]
    // 98 mV at 5 V is one cmH2O.
    const script = [order(SUPPLY), ...supply, ...Array.from({ length: 26 }, (_, n) => pressure(n < 25 ? 2.6 : 2.6 + 5.1 * 0.0196133, n)).flat()]
    const { sensor, clock, bus } = await open(ads1115, 0x48, script)
    const readings = []
    for (let n = 0; n < 27; n += 1) {
      clock.advance(40)
      readings.push(...(await passing(clock, sensor.read(), 6)))
    }
    const pascals = readings.flatMap((reading) => (reading.kind === 'block' ? [...reading.values] : []))
    expect(readings.slice(0, 24).every(({ kind }) => kind === 'absent')).toBe(true)
    expect(pascals).toEqual([expect.closeTo(0, 0), expect.closeTo(98.07, -0.5)])
    bus.done()
  })

  it('makes up no zero while a patient breathes, nor far from the middle', () => {
    const zero = createZeroAtStart({ samples: 3, largest: 250 })
    expect([0, 100, 0, 100, 400, 400, 400].map((sample) => zero.offset(sample))).toEqual(Array.from({ length: 7 }, () => undefined))
    expect([20, 22, 21, 500].map((sample) => zero.offset(sample))).toEqual([undefined, undefined, 21, 21])
  })
})

describe('CCS811', () => {
  it('starts its application by a register without a value, and marks the first twenty minutes', async () => {
    const status = (value: number) => ({ write: [0x00], read: [value] })
    const result = { write: [0x02], read: [0x02, 0x9a, 0x00, 0x28] }
    const { sensor, clock } = await open(ccs811, 0x5a, [status(0x10), { write: [0xf4] }, { write: [0x01, 0x10] }, status(0x98), result, status(0x90), status(0x98), result])
    expect(await sensor.read()).toEqual([
      { kind: 'value', signal: 'eco2', value: 666, question: 'calibrating' },
      { kind: 'value', signal: 'tvoc', value: 40, question: 'calibrating' },
    ])
    clock.advance(1_000)
    await sensor.read()
  })
})

describe('SCD4x', () => {
  it('reads CO2, temperature and humidity of the datasheet\'s example', async () => {
    const ready = (value: number) => [{ write: [0xe4, 0xb8] }, { read: word(value) }]
    const { sensor } = await open(scd4x, 0x62, [{ write: [0x3f, 0x86] }, { write: [0x21, 0xb1] }, ...ready(0x8000), ...ready(0x8006), { write: [0xec, 0x05] }, { read: [...word(0x01f4), ...word(0x6667), ...word(0x5eb9)] }])
    expect(await sensor.read()).toMatchObject([{ kind: 'absent', reason: 'warmup' }, {}, {}])
    expect(await sensor.read()).toMatchObject([{ signal: 'co2', value: 500 }, { signal: 'tamb', value: expect.closeTo(25, 1) }, { signal: 'rhum', value: expect.closeTo(37, 1) }])
  })
})

describe('MAX30100', () => {
  const write = (register: number, value: number) => ({ write: [register, value] })
  const setUp = [write(0x06, 0x03), write(0x07, 0x43), write(0x09, 0x88), write(0x02, 0), write(0x03, 0), write(0x04, 0), { write: [0x00], read: [0x01] }]

  it('gives the die temperature of the conversion started before, also below zero', async () => {
    const mode = (value: number) => ({ write: [0x06], read: [value] })
    const { sensor } = await open(max30100, 0x57, [...setUp, write(0x06, 0x0b), mode(0x0b), mode(0x03), { write: [0x16], read: [0x1f, 0x08] }, write(0x06, 0x0b), mode(0x03), { write: [0x16], read: [0xff, 0x0c] }, write(0x06, 0x0b)])
    expect([await sensor.dieTemperature?.(), await sensor.dieTemperature?.(), await sensor.dieTemperature?.(), await sensor.dieTemperature?.()]).toEqual([undefined, undefined, 31.5, -0.25])
  })

  it('comes infrared first, in pairs brought to 25 Hz and 18 bits', async () => {
    const { sensor, clock } = await open(max30100, 0x57, [...setUp, { write: [0x00], read: [0x00] }, { write: [0x02], read: [3, 0, 0] }, { write: [0x05], read: [0x10, 0x00, 0x20, 0x00, 0x10, 0x02, 0x20, 0x04] }])
    clock.advance(60)
    expect(await sensor.read()).toMatchObject([
      { channel: 'ir', hz: 25, values: Float32Array.of(4 * 0x1001) },
      { channel: 'red', hz: 25, values: Float32Array.of(4 * 0x2002) },
    ])
    expect([sensor.leds?.nearest(20), sensor.leds?.nearest(99)]).toEqual([20.8, 50])
  })
})
