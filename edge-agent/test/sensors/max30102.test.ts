import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { max30102 } from '../../src/sensors/max30102.ts'

const address = 0x57
const write = (register: number, value: number): ScriptedTransfer => ({ address, write: [register, value] })
const read = (register: number, ...bytes: number[]): ScriptedTransfer => ({ address, write: [register], read: bytes })

const resetAndWait = [write(0x09, 0x40), read(0x09, 0x40), read(0x09, 0x00)]
const startSampling = (led = 0x1f) => [
  write(0x02, 0xc0),
  write(0x03, 0x02),
  write(0x04, 0),
  write(0x05, 0),
  write(0x06, 0),
  write(0x08, 0x5f),
  write(0x0a, 0x27),
  write(0x09, 0x03),
  write(0x0c, led),
  write(0x0d, led),
  read(0x00, 0x01),
]
const clearFifo = [write(0x04, 0), write(0x05, 0), write(0x06, 0)]
const look = (status: number, writePointer: number, overflow: number, readPointer: number) => [read(0x00, status), read(0x04, writePointer, overflow, readPointer)]
/** Undefined upper bits set, as they may be. */
const sample = (red: number, ir: number) => [0xfc | (red >> 16), (red >> 8) & 0xff, red & 0xff, 0xfc | (ir >> 16), (ir >> 8) & 0xff, ir & 0xff]
const samples = (count: number) => read(0x07, ...Array.from({ length: count }, (_, i) => sample(100_000 + i, 200_000 + i)).flat())

async function open(...conversation: ScriptedTransfer[]) {
  const bus = scriptedI2c([...resetAndWait, ...startSampling(), ...conversation])
  const clock = manualClock()
  return { bus, clock, sensor: await max30102.open(bus.open({ address }), { clock }) }
}

describe('MAX30102 set-up', () => {
  it('waits for the reset, then configures 25 samples a second at 6.2 mA', async () => {
    const { bus, sensor } = await open()
    expect(sensor.leds?.current.redMa).toBeCloseTo(6.2)
    bus.done()
  })

  it('gives up on a chip that never ends its reset', async () => {
    const bus = scriptedI2c([write(0x09, 0x40), ...Array.from({ length: 50 }, () => read(0x09, 0x40))])
    await expect(max30102.open(bus.open({ address }), { clock: manualClock() })).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
    bus.done()
  })

  it('is known by its part number, which stands still where an EEPROM would step on', async () => {
    const bus = scriptedI2c([read(0xff, 0x15, 0x15), read(0xff, 0x11, 0x11), read(0xff, 0x15, 0x00)])
    const i2c = bus.open({ address })
    expect(await max30102.identify(i2c)).toBe(true)
    expect(await max30102.identify(i2c)).toBe(false)
    expect(await max30102.identify(i2c)).toBe(false)
  })

  it('is put to rest at the end', async () => {
    const { bus, sensor } = await open(write(0x09, 0x80))
    await sensor.close()
    bus.done()
  })
})

describe('MAX30102 samples', () => {
  it('come red first, 18 bits each, in one burst over the end of the FIFO', async () => {
    const { bus, clock, sensor } = await open(...look(0x40, 4, 0, 26), samples(10))
    clock.advance(400)
    const [red, ir] = await sensor.read()
    expect(red).toEqual({ kind: 'block', channel: 'red', hz: 25, t0Ms: 20, values: Float32Array.from({ length: 10 }, (_, i) => 100_000 + i) })
    expect(ir).toEqual({ kind: 'block', channel: 'ir', hz: 25, t0Ms: 20, values: Float32Array.from({ length: 10 }, (_, i) => 200_000 + i) })
    bus.done()
  })

  it('are none when the FIFO is empty', async () => {
    const { clock, sensor } = await open(...look(0x00, 7, 0, 7))
    clock.advance(20)
    expect(await sensor.read()).toEqual([])
  })

  it('are all 32 when the pointers are equal because the FIFO is exactly full', async () => {
    const { clock, sensor } = await open(...look(0xc0, 7, 0, 7), samples(32))
    clock.advance(1_280)
    expect(await sensor.read()).toMatchObject([{ values: { length: 32 } }, { values: { length: 32 } }])
  })

  it('are not taken from an empty FIFO because of an old almost-full flag', async () => {
    const { clock, sensor } = await open(...look(0x40, 17, 0, 0), samples(17), ...look(0x80, 17, 0, 17))
    clock.advance(680)
    await sensor.read()
    clock.advance(30)
    expect(await sensor.read()).toEqual([])
  })

  it('are thrown away after an overflow, and the next block says how many are missing', async () => {
    const { bus, clock, sensor } = await open(...look(0x40, 10, 0, 0), samples(10), ...look(0xc0, 20, 0x1f, 20), ...clearFifo, ...look(0x40, 10, 0, 0), samples(10))
    clock.advance(400)
    await sensor.read()
    clock.advance(4_000)
    expect(await sensor.read()).toEqual([])
    clock.advance(400)
    expect(await sensor.read()).toMatchObject([{ gap: { why: 'overflow', lost: 100 } }, { gap: { why: 'overflow', lost: 100 } }])
    bus.done()
  })
})

describe('MAX30102 in trouble', () => {
  it('is set up again after its supply failed', async () => {
    const { bus, clock, sensor } = await open(...look(0x01, 0, 0, 0), ...startSampling(), ...look(0x40, 5, 0, 0), samples(5))
    clock.advance(400)
    expect(await sensor.read()).toEqual([
      { kind: 'absent', of: 'red', reason: 'warmup' },
      { kind: 'absent', of: 'ir', reason: 'warmup' },
    ])
    clock.advance(200)
    expect(await sensor.read()).toMatchObject([{ gap: { why: 'brown-out' } }, { gap: { why: 'brown-out' } }])
    bus.done()
  })

  it('does not trust a FIFO whose burst broke off, and says what that cost', async () => {
    const broken: ScriptedTransfer = { address, write: [0x07], fault: 'failed' }
    const { bus, clock, sensor } = await open(...look(0x40, 10, 0, 0), samples(10), ...look(0x40, 20, 0, 10), broken, ...look(0x40, 3, 0, 15), ...clearFifo, ...look(0x40, 10, 0, 0), samples(10))
    clock.advance(400)
    await sensor.read()
    clock.advance(400)
    await expect(sensor.read()).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
    clock.advance(400)
    expect(await sensor.read()).toEqual([])
    clock.advance(400)
    expect(await sensor.read()).toMatchObject([{ gap: { why: 'bus-fault', lost: 20 } }, { gap: { why: 'bus-fault', lost: 20 } }])
    bus.done()
  })

  it('flags samples that are missing although nothing else was noticed', async () => {
    const { clock, sensor } = await open(...look(0x40, 10, 0, 0), samples(10), ...look(0x40, 15, 0, 10), samples(5))
    clock.advance(400)
    await sensor.read()
    clock.advance(1_200)
    expect(await sensor.read()).toMatchObject([{ gap: { why: 'stalled', lost: 25 } }, {}])
  })

  it('is said to be at fault when it gives nothing for two seconds, and set up again', async () => {
    const { bus, clock, sensor } = await open(...look(0x00, 0, 0, 0), ...startSampling())
    clock.advance(2_001)
    expect(await sensor.read()).toMatchObject([{ of: 'red', reason: 'fault' }, { of: 'ir', reason: 'fault' }])
    bus.done()
  })
})

describe('MAX30102 LED current and die temperature', () => {
  it('rounds the current to the chip\'s steps, keeps it over a brown-out and breaks the stream off', async () => {
    const { bus, clock, sensor } = await open(write(0x0c, 0x32), write(0x0d, 0x32), ...clearFifo, ...look(0x01, 0, 0, 0), ...startSampling(0x32), ...look(0x40, 1, 0, 0), samples(1))
    await sensor.leds?.set({ redMa: 10.04, irMa: 9.96 })
    expect(sensor.leds?.current).toEqual({ redMa: 10, irMa: 10 })
    await sensor.read()
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ gap: { why: 'brown-out' } }, {}])
    bus.done()
  })

  it.each([
    [99, 0xff],
    [-1, 0x00],
  ])('limits %s mA to what the chip can give', async (ma, step) => {
    const { bus, sensor } = await open(write(0x0c, step), write(0x0d, step), ...clearFifo)
    await sensor.leds?.set({ redMa: ma, irMa: ma })
    bus.done()
  })

  it('gives the die temperature of the conversion started before, also below zero', async () => {
    const { bus, sensor } = await open(read(0x01, 0x00), write(0x21, 0x01), read(0x01, 0x00), read(0x01, 0x02), read(0x1f, 0x1f, 0xf8), write(0x21, 0x01), read(0x01, 0x02), read(0x1f, 0xff, 0x0c), write(0x21, 0x01))
    expect(await sensor.dieTemperature?.()).toBeUndefined()
    expect(await sensor.dieTemperature?.()).toBeUndefined()
    expect(await sensor.dieTemperature?.()).toBe(31.5)
    expect(await sensor.dieTemperature?.()).toBe(-0.25)
    bus.done()
  })
})
