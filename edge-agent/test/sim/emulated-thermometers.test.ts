import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { EmulatedMax30205 } from '../../src/sim/chips/emulated-max30205.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

function onBus(Chip: typeof EmulatedTmp117 | typeof EmulatedMax30205, cel: (atMs: number) => number = () => 37) {
  const clock = manualClock()
  const chip = new Chip({ clock, temperatureCel: cel })
  const bus = createEmulatedBus()
  bus.attach(0x48, chip)
  const i2c = bus.open({ address: 0x48 })
  const word = async (register: number) => {
    const [high = 0, low = 0] = await i2c.writeRead(Uint8Array.of(register), 2)
    return (high << 8) | low
  }
  const write = (...bytes: number[]) => i2c.write(Uint8Array.from(bytes))
  return { clock, chip, i2c, word, write }
}

describe('emulated TMP117', () => {
  it('holds −256 °C until its first conversion of 8 averages has ended', async () => {
    const { clock, word } = onBus(EmulatedTmp117)
    expect([await word(0x0f), await word(0x01), await word(0x02), await word(0x03)]).toEqual([0x0117, 0x0220, 0x6000, 0x8000])
    clock.advance(123)
    expect(await word(0x00)).toBe(0x8000)
    clock.advance(1)
    expect(await word(0x00)).toBe(0x1280)
  })

  it.each([
    [0x0000, 15.5],
    [0x0020, 124],
    [0x0040, 496],
    [0x0060, 992],
    [0x0220, 1_000],
    [0x0380, 16_000],
  ])('with configuration %i converts every %s ms', async (configuration, cycleMs) => {
    const { clock, word, write } = onBus(EmulatedTmp117, (atMs) => (atMs < cycleMs ? 10 : 20))
    await write(0x01, configuration >> 8, configuration & 0xff)
    clock.advance(cycleMs)
    expect(await word(0x00)).toBe(10 * 128)
    clock.advance(cycleMs - 0.5)
    await word(0x00)
    clock.advance(cycleMs)
    expect(await word(0x00)).toBe(20 * 128)
  })

  it.each([0x00, 0x01])('clears Data_Ready when register %i is read', async (register) => {
    const { clock, word } = onBus(EmulatedTmp117)
    clock.advance(200)
    await word(register)
    expect((await word(0x01)) & 0x2000).toBe(0)
    clock.advance(1_000)
    expect((await word(0x01)) & 0x2000).toBe(0x2000)
  })

  it('stands still in shutdown and converts once when asked for one shot', async () => {
    const { clock, word, write } = onBus(EmulatedTmp117)
    await write(0x01, 0x04, 0x20)
    clock.advance(5_000)
    expect(await word(0x00)).toBe(0x8000)
    await write(0x01, 0x0c, 0x20)
    clock.advance(124)
    expect((await word(0x01)) & 0x0c00).toBe(0x0400)
    expect(await word(0x00)).toBe(0x1280)
  })

  it('starts anew after a soft reset, and keeps its limits until then', async () => {
    const { clock, word, write } = onBus(EmulatedTmp117)
    await write(0x02, 0x12, 0x34)
    await write(0x0f, 0x00, 0x00)
    clock.advance(200)
    expect([await word(0x02), await word(0x0f)]).toEqual([0x1234, 0x0117])
    await write(0x01, 0x00, 0x02)
    expect([await word(0x00), await word(0x01), await word(0x02)]).toEqual([0x8000, 0x0220, 0x6000])
  })
})

describe('emulated MAX30205', () => {
  it('reads 0.0 °C until 44 ms have passed, then 37.0 °C as 0x2500', async () => {
    const { clock, word } = onBus(EmulatedMax30205)
    expect([await word(0x00), await word(0x02), await word(0x03)]).toEqual([0, 0x4b00, 0x5000])
    clock.advance(43)
    expect(await word(0x00)).toBe(0)
    clock.advance(1)
    expect(await word(0x00)).toBe(0x2500)
  })

  it('looks at two bits of the pointer only', async () => {
    const { word } = onBus(EmulatedMax30205)
    expect(await word(0x0f)).toBe(0x5000)
  })

  it('is 64 °C lower in the extended format', async () => {
    const { clock, word, write } = onBus(EmulatedMax30205)
    await write(0x01, 0x20)
    clock.advance(50)
    expect(await word(0x00)).toBe(((37 - 64) * 256) & 0xffff)
  })

  it('converts once when asked in shutdown, and clears the bit', async () => {
    const { clock, i2c, word, write } = onBus(EmulatedMax30205)
    await write(0x01, 0x01)
    clock.advance(1_000)
    expect(await word(0x00)).toBe(0)
    await write(0x01, 0x81)
    clock.advance(44)
    expect(await word(0x00)).toBe(0x2500)
    expect(await i2c.writeRead(Uint8Array.of(0x01), 1)).toEqual(Uint8Array.of(0x01))
  })

  it('does not take a one-shot order while it converts by itself, nor a written temperature', async () => {
    const { clock, i2c, word, write } = onBus(EmulatedMax30205)
    await write(0x01, 0x80)
    await write(0x00, 0x12, 0x34)
    clock.advance(50)
    expect(await i2c.writeRead(Uint8Array.of(0x01), 1)).toEqual(Uint8Array.of(0x00))
    expect(await word(0x00)).toBe(0x2500)
  })
})
