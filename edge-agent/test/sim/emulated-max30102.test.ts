import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { EmulatedMax30102 } from '../../src/sim/chips/emulated-max30102.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

/** Infrared is always half of 4096 nA at 6.2 mA, red a quarter. */
const NA_PER_MA = { ir: 2_048 / 6.2, red: 1_024 / 6.2, green: 512 / 6.2 }
const HALF = 0x20000

function chipOnBus() {
  const clock = manualClock()
  const chip = new EmulatedMax30102({ clock, light: (led) => NA_PER_MA[led], dieCel: () => -0.25 })
  const bus = createEmulatedBus()
  bus.attach(0x57, chip)
  const i2c = bus.open({ address: 0x57 })
  const read = async (register: number, count = 1) => [...(await i2c.writeRead(Uint8Array.of(register), count))]
  const write = (...bytes: number[]) => i2c.write(Uint8Array.from(bytes))
  const sampling = async ({ mode = 3, config = 0x27, fifo = 0x5f } = {}) => {
    await write(0x02, 0xc0, 0x02)
    await write(0x08, fifo)
    await write(0x09, mode)
    await write(0x0a, config)
    await write(0x0c, 0x1f, 0x1f)
  }
  return { clock, chip, bus, read, write, sampling }
}

const count = ([high = 0, middle = 0, low = 0]: number[]) => (high << 16) | (middle << 8) | low

describe('emulated MAX30102 registers', () => {
  it('stand at their power-on values, with PWR_RDY until it is read', async () => {
    const { read } = chipOnBus()
    expect(await read(0xff)).toEqual([0x15])
    expect(await read(0x00)).toEqual([0x01])
    expect(await read(0x00)).toEqual([0x00])
    expect(await read(0x08, 3)).toEqual([0, 0, 0])
  })

  it('are read and written one after the other, except the part number', async () => {
    const { read, write } = chipOnBus()
    await write(0x0c, 0x11, 0x22)
    expect(await read(0x0c, 2)).toEqual([0x11, 0x22])
    expect(await read(0xff, 2)).toEqual([0x15, 0x15])
  })

  it('cannot be written where they are read only', async () => {
    const { read, write } = chipOnBus()
    await write(0xff, 0x99)
    expect(await read(0xff)).toEqual([0x15])
  })

  it('go back by a reset that shows itself once, clears itself and raises no PWR_RDY', async () => {
    const { read, write, sampling } = chipOnBus()
    await sampling()
    await read(0x00)
    await write(0x09, 0x40)
    expect(await read(0x09)).toEqual([0x40])
    expect(await read(0x09)).toEqual([0x00])
    expect(await read(0x00)).toEqual([0x00])
    expect(await read(0x0c, 2)).toEqual([0, 0])
  })

  it('lose everything in a brown-out, and PWR_RDY tells', async () => {
    const { chip, read, sampling } = chipOnBus()
    await sampling()
    await read(0x00)
    chip.powerCycle()
    expect(await read(0x00)).toEqual([0x01])
    expect(await read(0x09)).toEqual([0x00])
  })
})

describe('emulated MAX30102 sampling', () => {
  it.each([
    ['100 a second averaged by 4', 0x27, 0x5f, 25],
    ['400 a second averaged by 8', 0x2f, 0x7f, 50],
    ['50 a second, each one', 0x23, 0x1f, 50],
  ])('gives %s', async (_, config, fifo, perSecond) => {
    const { clock, read, sampling } = chipOnBus()
    await sampling({ config, fifo })
    clock.advance(400)
    expect(await read(0x04, 3)).toEqual([perSecond * 0.4, 0, 0])
  })

  it('lowers a rate that does not fit two LEDs at 411 µs, and one LED less', async () => {
    const { read, sampling } = chipOnBus()
    await sampling({ config: 0x20 | (7 << 2) | 3 })
    expect(await read(0x0a)).toEqual([0x20 | (3 << 2) | 3])
    await sampling({ mode: 2, config: 0x20 | (7 << 2) | 3 })
    expect(await read(0x0a)).toEqual([0x20 | (5 << 2) | 3])
  })

  it('gives red, then infrared, half and quarter of full scale', async () => {
    const { clock, read, sampling } = chipOnBus()
    await sampling()
    clock.advance(40)
    const bytes = await read(0x07, 6)
    expect([count(bytes), count(bytes.slice(3))]).toEqual([HALF / 2, HALF])
  })

  it('scales with LED current and range, and saturates', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await sampling({ config: 0x47 })
    clock.advance(40)
    expect(count((await read(0x07, 6)).slice(3))).toBe(HALF / 2)
    await write(0x0d, 0xff)
    clock.advance(40)
    expect(count((await read(0x07, 6)).slice(3))).toBe(0x3ffff)
  })

  it('leaves the lowest bits zero at short pulses', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await sampling({ config: 0x24 })
    await write(0x0d, 0x15)
    clock.advance(40)
    const [counts] = [count((await read(0x07, 6)).slice(3))]
    expect(counts % 8).toBe(0)
    expect(Math.abs(counts - (HALF * 0x15) / 0x1f)).toBeLessThan(8)
  })

  it('in heart-rate mode lights LED1 only: red, or infrared on a swapped board', async () => {
    const { clock, chip, read, sampling } = chipOnBus()
    await sampling({ mode: 2 })
    clock.advance(40)
    expect(count(await read(0x07, 3))).toBe(HALF / 2)
    chip.swapLeds()
    clock.advance(40)
    expect(count(await read(0x07, 3))).toBe(HALF)
  })

  it('in multi-LED mode follows its slots', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await write(0x11, 0x12)
    await sampling({ mode: 7 })
    clock.advance(40)
    const bytes = await read(0x07, 6)
    expect([count(bytes), count(bytes.slice(3))]).toEqual([HALF, HALF / 2])
  })

  it('stops in shutdown and goes on afterwards', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await sampling()
    await write(0x09, 0x83)
    clock.advance(1_000)
    expect(await read(0x04)).toEqual([0])
    await write(0x09, 0x03)
    clock.advance(200)
    expect(await read(0x04)).toEqual([5])
  })

  it('counts an overflow when nobody reads for an hour, and keeps the newest', async () => {
    const { clock, read, sampling } = chipOnBus()
    await sampling()
    clock.advance(3_600_000)
    const [write = 0, overflow, readPointer] = await read(0x04, 3)
    expect([overflow, readPointer]).toEqual([0x1f, write])
  })
})

describe('emulated MAX30102 status', () => {
  it('says PPG_RDY until the status or a sample is read, and A_FULL at 17', async () => {
    const { clock, read, sampling } = chipOnBus()
    await sampling()
    await read(0x00)
    clock.advance(40)
    expect(await read(0x00)).toEqual([0x40])
    expect(await read(0x00)).toEqual([0x00])
    clock.advance(40)
    await read(0x07, 6)
    expect(await read(0x00)).toEqual([0x00])
    clock.advance(40 * 16)
    expect(await read(0x00)).toEqual([0xc0])
  })

  it('shows no source that is not enabled', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await sampling()
    await write(0x02, 0x00)
    await read(0x00)
    clock.advance(1_000)
    expect(await read(0x00)).toEqual([0x00])
  })

  it('gives the die temperature after 29 ms, clears TEMP_EN itself and the flag when the fraction is read', async () => {
    const { clock, read, write, sampling } = chipOnBus()
    await sampling()
    await write(0x21, 0x01)
    clock.advance(28)
    expect([await read(0x21), await read(0x01)]).toEqual([[0x01], [0x00]])
    clock.advance(1)
    expect(await read(0x21)).toEqual([0x00])
    expect(await read(0x1f, 2)).toEqual([0xff, 0x0c])
    expect(await read(0x01)).toEqual([0x00])
  })
})

describe('faults at the glass', () => {
  it('no finger leaves little light and no pulse; a pale one saturates; a lamp floods both', async () => {
    const { clock, chip, read, write, sampling } = chipOnBus()
    await sampling()
    await write(0x02, 0xe0)
    const infrared = async () => {
      clock.advance(40)
      return count((await read(0x07, 6)).slice(3))
    }
    chip.removeFinger()
    expect(await infrared()).toBeLessThan(0.02 * 0x3ffff)
    chip.placeFinger(3)
    expect(await infrared()).toBe(0x3ffff)
    chip.placeFinger()
    expect(await infrared()).toBe(HALF)
    chip.floodWithLight()
    await read(0x00)
    expect(await infrared()).toBe(0x3ffff)
    expect((await read(0x00))[0]).toBe(0x20)
    chip.floodWithLight(false)
    expect(await infrared()).toBe(HALF)
  })
})
