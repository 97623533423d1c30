import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { max30205 } from '../../src/sensors/max30205.ts'

const address = 0x4c

const convert: ScriptedTransfer = { address, write: [0x01, 0x81] }
const configuration = (value: number): ScriptedTransfer => ({ address, write: [0x01], read: [value] })
const rest: ScriptedTransfer = { address, write: [0x01, 0x01] }

async function readOnce(high: number, low: number) {
  const bus = scriptedI2c([convert, configuration(0x01), { address, write: [0x00], read: [high, low] }, convert, rest])
  const sensor = await max30205.open(bus.open({ address }), { clock: manualClock() })
  const readings = await sensor.read()
  await sensor.close()
  bus.done()
  return readings
}

describe('MAX30205', () => {
  it('reads 37.0 °C from 0x2500, and is sure of its steps once one of the fine bits was seen', async () => {
    expect(await readOnce(0x25, 0x00)).toEqual([{ kind: 'value', signal: 'temp', value: 37, question: 'calibrating' }])
    expect(await readOnce(0x25, 0x01)).toEqual([{ kind: 'value', signal: 'temp', value: 37 + 1 / 256 }])
  })

  it('finds out an LM75, which answers alike but is two degrees wrong and has coarse steps', async () => {
    const steps = [0x17, 0x18, 0x19, 0x1a].flatMap((high) => [configuration(0x01), { address, write: [0x00], read: [high, 0x80] }, convert])
    const bus = scriptedI2c([convert, ...steps])
    const sensor = await max30205.open(bus.open({ address }), { clock: manualClock() })
    const said = []
    for (let n = 0; n < 4; n += 1) said.push(...(await sensor.read()))
    expect(said).toMatchObject([{ question: 'calibrating' }, { question: 'calibrating' }, { kind: 'absent', reason: 'fault' }, { kind: 'absent', reason: 'fault' }])
    bus.done()
  })

  it('reports absence, not 0.0 °C, before the first conversion', async () => {
    expect(await readOnce(0x00, 0x00)).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
  })

  it('does not give an old value again when a conversion does not end', async () => {
    const bus = scriptedI2c([convert, configuration(0x81), configuration(0x81), convert])
    const sensor = await max30205.open(bus.open({ address }), { clock: manualClock() })
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'fault' }])
    bus.done()
  })

  it('asks again after a brown-out, which leaves it converting by itself', async () => {
    const bus = scriptedI2c([convert, configuration(0x00), convert])
    const sensor = await max30205.open(bus.open({ address }), { clock: manualClock() })
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
    bus.done()
  })

  it.each([
    [0x7f, 0xff],
    [0x80, 0x00],
  ])('says saturated, not a temperature, at the ends of its converter', async (high, low) => {
    expect(await readOnce(high, low)).toEqual([{ kind: 'absent', of: 'temp', reason: 'saturated' }])
  })

  it.each([
    [-0.5, 0xff, 0x80],
    [50.5, 0x32, 0x80],
  ])('marks %s °C, outside what the format is made for', async (value, high, low) => {
    expect(await readOnce(high, low)).toEqual([{ kind: 'value', signal: 'temp', value, question: 'range' }])
  })

  const thresholds = (hysteresis: number[], overtemperature: number[]): ScriptedTransfer[] => [
    { address, write: [0x02], read: hysteresis },
    { address, write: [0x03], read: overtemperature },
  ]

  it('is known by its two power-on thresholds, as it has no identity', async () => {
    const bus = scriptedI2c(thresholds([0x4b, 0x00], [0x50, 0x00]))
    expect(await max30205.identify(bus.open({ address }))).toBe(true)
    bus.done()
  })

  it('is not taken for an ADS1115 or a TMP117', async () => {
    const ads1115 = scriptedI2c(thresholds([0x80, 0x00], []).slice(0, 1))
    expect(await max30205.identify(ads1115.open({ address }))).toBe(false)
    const halfWay = scriptedI2c(thresholds([0x4b, 0x00], [0x7f, 0xff]))
    expect(await max30205.identify(halfWay.open({ address }))).toBe(false)
  })
})
