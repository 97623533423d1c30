import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

function oneThermometer() {
  const clock = manualClock()
  const chip = new EmulatedTmp117({ clock, temperatureCel: () => 37 })
  const bus = createEmulatedBus()
  bus.attach(0x48, chip)
  const i2c = bus.open({ address: 0x48 })
  return { clock, chip, bus, i2c }
}
const fault = (kind: string) => ({ code: 'SENSOR_BUS_FAULT', details: { address: 0x48, fault: kind } })

describe('the emulated bus', () => {
  it('does not answer where no chip is', async () => {
    await expect(oneThermometer().bus.open({ address: 0x4a }).read(1)).rejects.toMatchObject({ details: { address: 0x4a, fault: 'nack' } })
  })

  it('reads on from the register named last, into the caller\'s buffer too', async () => {
    const { bus, i2c } = oneThermometer()
    await i2c.write(Uint8Array.of(0x0f))
    const buffer = new Uint8Array(2)
    expect(await i2c.read(buffer)).toBe(buffer)
    expect([...buffer]).toEqual([0x01, 0x17])
    expect([...(await i2c.read(2))]).toEqual([0x01, 0x17])
    await i2c.close()
    await bus.close()
  })

  it('can be stuck, and freed', async () => {
    const { bus, i2c } = oneThermometer()
    bus.stick()
    await expect(i2c.writeRead(Uint8Array.of(0x0f), 2)).rejects.toMatchObject(fault('stuck'))
    bus.free()
    expect(await i2c.writeRead(Uint8Array.of(0x0f), 2)).toEqual(Uint8Array.of(0x01, 0x17))
  })

  it('can miss single acknowledgements', async () => {
    const { chip, i2c } = oneThermometer()
    chip.nackNext(2)
    await expect(i2c.read(2)).rejects.toMatchObject(fault('nack'))
    await expect(i2c.write(Uint8Array.of(0x00))).rejects.toMatchObject(fault('nack'))
    expect(await i2c.writeRead(Uint8Array.of(0x0f), 2)).toEqual(Uint8Array.of(0x01, 0x17))
  })

  it('loses a chip that is unplugged; plugged in again it starts as new', async () => {
    const { clock, chip, i2c } = oneThermometer()
    clock.advance(1_000)
    await i2c.writeRead(Uint8Array.of(0x00), 2)
    chip.unplug()
    await expect(i2c.read(2)).rejects.toMatchObject(fault('nack'))
    chip.plugIn()
    expect(await i2c.writeRead(Uint8Array.of(0x00), 2)).toEqual(Uint8Array.of(0x80, 0x00))
  })
})
