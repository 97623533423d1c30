import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { bmp280 } from '../../src/sensors/bmp280.ts'
import { calibrationBytes, exampleCalibration } from '../../src/sim/chips/bmp280-inverse.ts'

const MASK = 0x76
const AMBIENT = 0x77
const CONVERT = 0x2d
const DONE = 0x2c

const trimming = (address: number, bytes: readonly number[] = [...calibrationBytes(exampleCalibration)]): ScriptedTransfer => ({ address, write: [0x88], read: bytes })
const start = (address: number): ScriptedTransfer[] => [
  { address, write: [0xf4, 0x00] },
  { address, write: [0xf5, 0x00] },
  { address, write: [0xf4, CONVERT] },
]
// CTRL_MEAS, CONFIG and the register between, then the datasheet's example: 415148 and 519888.
const example = [0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00]
const skipped = [0x80, 0x00, 0x00, 0x80, 0x00, 0x00]
const convert = (address: number): ScriptedTransfer => ({ address, write: [0xf4, CONVERT] })
/** A result taken, and the next one ordered. */
const taken = (address: number, results: readonly number[]): ScriptedTransfer[] => [burst(address, results), convert(address)]
const burst = (address: number, results: readonly number[], ctrlMeas = DONE): ScriptedTransfer => ({ address, write: [0xf4], read: [ctrlMeas, 0x00, 0x00, ...results] })

async function open(address: number, ...conversation: ScriptedTransfer[]) {
  const bus = scriptedI2c([trimming(address), ...start(address), ...conversation])
  const clock = manualClock()
  return { bus, clock, sensor: await bmp280.open(bus.open({ address }), { clock }) }
}

describe('BMP280', () => {
  it('is known by its identity; a BME280 is another chip', async () => {
    const bus = scriptedI2c([
      { address: MASK, write: [0xd0], read: [0x58] },
      { address: MASK, write: [0xd0], read: [0x60] },
    ])
    const i2c = bus.open({ address: MASK })
    expect(await bmp280.identify(i2c)).toBe(true)
    expect(await bmp280.identify(i2c)).toBe(false)
  })

  it('reads the datasheet\'s example in the mask, dated by when it was ordered', async () => {
    const { bus, clock, sensor } = await open(MASK, ...taken(MASK, example), { address: MASK, write: [0xf4, 0x00] })
    clock.advance(1_000)
    const [block, ...others] = await sensor.read()
    expect(block).toMatchObject({ kind: 'block', channel: 'mask_pressure', hz: 25, t0Ms: 7 })
    expect(block?.kind === 'block' && block.values[0]).toBeCloseTo(100_653.25, 1)
    expect(others).toEqual([])
    expect(sensor.reports).toEqual(['mask_pressure'])
    await sensor.close()
    bus.done()
  })

  it('gives the room\'s pressure in hPa too, once a second', async () => {
    const { clock, sensor } = await open(AMBIENT, ...Array.from({ length: 26 }, () => taken(AMBIENT, example)).flat())
    let values = 0
    for (let n = 0; n < 26; n += 1) {
      const readings = await sensor.read()
      expect(readings[0]).toMatchObject({ kind: 'block', channel: 'ambient_pressure' })
      values += readings.filter((reading) => reading.kind === 'value' && reading.signal === 'pamb' && Math.abs(reading.value - 1_006.53) < 0.01).length
      clock.advance(40)
    }
    expect(values).toBe(2)
  })

  it('is warming up until the first result is there', async () => {
    const { sensor } = await open(MASK, ...taken(MASK, skipped))
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'warmup' }])
  })

  it('says of the room\'s sensor that both of its values are missing', async () => {
    const { sensor } = await open(AMBIENT, ...taken(AMBIENT, skipped))
    expect(await sensor.read()).toEqual([
      { kind: 'absent', of: 'ambient_pressure', reason: 'warmup' },
      { kind: 'absent', of: 'pamb', reason: 'warmup' },
    ])
  })

  it('notices a brown-out by its lost settings, starts again and says what is missing', async () => {
    const { bus, clock, sensor } = await open(MASK, ...taken(MASK, example), burst(MASK, skipped, 0x00), convert(MASK), ...start(MASK), ...taken(MASK, example))
    await sensor.read()
    clock.advance(80)
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'warmup' }])
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ kind: 'block', gap: { why: 'brown-out', lost: 1 } }])
    bus.done()
  })

  it('says how many samples a late reading cost', async () => {
    const { clock, sensor } = await open(MASK, ...Array.from({ length: 4 }, () => taken(MASK, example)).flat())
    await sensor.read()
    clock.advance(80)
    expect((await sensor.read())[0]).not.toHaveProperty('gap')
    clock.advance(200)
    expect((await sensor.read())[0]).not.toHaveProperty('gap', expect.objectContaining({ lost: 4 }))
    expect((await sensor.read())[0]).toMatchObject({ gap: { why: 'late', lost: 4 } })
  })

  it('gives nothing while it converts, and says so when that does not end', async () => {
    const { bus, clock, sensor } = await open(MASK, burst(MASK, example, CONVERT), burst(MASK, example, CONVERT), convert(MASK), ...start(MASK), ...taken(MASK, example))
    clock.advance(10)
    expect(await sensor.read()).toEqual([])
    clock.advance(1_000)
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'fault' }])
    clock.advance(40)
    expect(await sensor.read()).toMatchObject([{ kind: 'block' }])
    bus.done()
  })

  it('says saturated beyond 1100 hPa, where the converter ends', async () => {
    const { sensor } = await open(MASK, ...taken(MASK, [0x00, 0x00, 0x10, 0x7e, 0xed, 0x00]))
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'saturated' }])
  })

  it('gives no pressure from a chip without trimming values', async () => {
    const blank = Array.from({ length: 24 }, () => 0)
    const bus = scriptedI2c([trimming(MASK, blank), ...start(MASK), ...taken(MASK, example)])
    const sensor = await bmp280.open(bus.open({ address: MASK }), { clock: manualClock() })
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'mask_pressure', reason: 'fault' }])
  })
})
