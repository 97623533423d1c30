import { describe, expect, it } from 'vitest'
import { scriptedI2c } from '../../src/bus/scripted-i2c.ts'

const address = 0x48

describe('a scripted conversation', () => {
  it('answers as written and is done when all is said', async () => {
    const bus = scriptedI2c([{ address, write: [0x0f], read: [0x01, 0x17] }, { address, write: [0x01, 0x00] }, { address, read: [0x25] }])
    const i2c = bus.open({ address })
    expect(await i2c.writeRead(Uint8Array.of(0x0f), 2)).toEqual(Uint8Array.of(0x01, 0x17))
    await i2c.write(Uint8Array.of(0x01, 0x00))
    const buffer = new Uint8Array(1)
    await i2c.read(buffer)
    expect(buffer[0]).toBe(0x25)
    bus.done()
    await i2c.close()
    await bus.close()
  })

  it.each([
    ['another register', { address, write: [0x02], read: [0, 0] }],
    ['another address', { address: 0x49, write: [0x01], read: [0, 0] }],
    ['another number of bytes', { address, write: [0x01], read: [0] }],
  ])('refuses %s than the script has', async (_, expected) => {
    const i2c = scriptedI2c([expected]).open({ address })
    await expect(i2c.writeRead(Uint8Array.of(0x01), 2)).rejects.toThrow(/transfer 1: expected/)
  })

  it('refuses anything after the end of the script', async () => {
    await expect(scriptedI2c([]).open({ address }).read(1)).rejects.toThrow('nothing more')
  })

  it('says when a part was left unsaid', () => {
    expect(() => scriptedI2c([{ address, write: [0x00] }]).done()).toThrow('nothing more')
  })

  it('plays a fault where the script has one', async () => {
    const i2c = scriptedI2c([{ address, write: [0x00], fault: 'nack' }]).open({ address })
    await expect(i2c.writeRead(Uint8Array.of(0x00), 2)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT', details: { address, fault: 'nack' } })
  })
})
