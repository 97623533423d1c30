import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { tmp117 } from '../../src/sensors/tmp117.ts'

const address = 0x48
const setUp: ScriptedTransfer = { address, write: [0x01, 0x00, 0x40] }
const status = (ready: boolean): ScriptedTransfer => ({ address, write: [0x01], read: [ready ? 0x20 : 0x00, 0x40] })
const result = (high: number, low: number): ScriptedTransfer => ({ address, write: [0x00], read: [high, low] })

async function open(...conversation: ScriptedTransfer[]) {
  const bus = scriptedI2c([setUp, ...conversation])
  const clock = manualClock()
  return { bus, clock, sensor: await tmp117.open(bus.open({ address }), { clock }) }
}

describe('TMP117', () => {
  it('is known by its identity, whatever its revision bits say', async () => {
    const bus = scriptedI2c([
      { address, write: [0x0f], read: [0x11, 0x17] },
      { address, write: [0x0f], read: [0x01, 0x16] },
    ])
    const i2c = bus.open({ address })
    expect(await tmp117.identify(i2c)).toBe(true)
    expect(await tmp117.identify(i2c)).toBe(false)
    bus.done()
  })

  it('reads 37.0 °C from 0x1280', async () => {
    const { bus, sensor } = await open(status(true), result(0x12, 0x80))
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'temp', value: 37 }])
    await sensor.close()
    bus.done()
  })

  it('reads temperatures below zero', async () => {
    const { sensor } = await open(status(true), result(0xff, 0xff))
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'temp', value: -0.0078125 }])
  })

  it('reports absence, not −256 °C, before the first conversion', async () => {
    const { bus, sensor } = await open(status(false), result(0x80, 0x00))
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'warmup' }])
    bus.done()
  })

  it('gives the newest conversion when asked twice within one', async () => {
    const { sensor } = await open(status(true), result(0x12, 0x80), status(false), result(0x12, 0x80))
    await sensor.read()
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'temp', value: 37 }])
  })

  it('does not go on showing the last value when the chip has stopped, and sets it up anew', async () => {
    const { bus, clock, sensor } = await open(status(true), result(0x12, 0x80), status(false), result(0x12, 0x80), setUp, status(true), result(0x12, 0x80))
    await sensor.read()
    clock.advance(3_001)
    expect(await sensor.read()).toEqual([{ kind: 'absent', of: 'temp', reason: 'fault' }])
    clock.advance(1_000)
    expect(await sensor.read()).toEqual([{ kind: 'value', signal: 'temp', value: 37 }])
    bus.done()
  })

  it('says that the bus failed', async () => {
    const { sensor } = await open({ address, write: [0x01], fault: 'nack' })
    await expect(sensor.read()).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
  })
})
