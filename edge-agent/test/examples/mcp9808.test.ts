import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { scriptedI2c, type ScriptedTransfer } from '../../src/bus/scripted-i2c.ts'
import { mcp9808 } from './mcp9808.ts'

const address = 0x18
const word = (register: number, high: number, low: number): ScriptedTransfer => ({ address, write: [register], read: [high, low] })

async function readOnce(high: number, low: number) {
  const bus = scriptedI2c([word(0x05, high, low)])
  const sensor = await mcp9808.open(bus.open({ address }), { clock: manualClock() })
  const readings = await sensor.read()
  bus.done()
  return readings
}

describe('MCP9808', () => {
  it('is known by its maker and its part number', async () => {
    const bus = scriptedI2c([word(0x06, 0x00, 0x54), word(0x07, 0x04, 0x00)])
    expect(await mcp9808.identify(bus.open({ address }))).toBe(true)
    bus.done()
  })

  it.each([
    [25.25, 0xc1, 0x94],
    [-0.0625, 0x1f, 0xff],
  ])('reads %s °C', async (value, high, low) => {
    expect(await readOnce(high, low)).toEqual([{ kind: 'value', signal: 'tamb', value }])
  })

  it('reports absence, not 0 °C, before the first conversion', async () => {
    expect(await readOnce(0x00, 0x00)).toEqual([{ kind: 'absent', of: 'tamb', reason: 'warmup' }])
  })
})
