import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { celsius, fineTemperature, parseCalibration, pascals } from '../../src/sensors/bmp280-compensation.ts'
import { EmulatedBmp280 } from '../../src/sim/chips/emulated-bmp280.ts'
import { exampleCalibration } from '../../src/sim/chips/bmp280-inverse.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

function onBus({ pressurePa = () => 101_325, noisePa = 0 }: { pressurePa?: (atMs: number) => number; noisePa?: number } = {}) {
  const clock = manualClock()
  const chip = new EmulatedBmp280({ clock, pressurePa, temperatureCel: () => 25, seed: 1, noisePa })
  const bus = createEmulatedBus()
  bus.attach(0x76, chip)
  const i2c = bus.open({ address: 0x76 })
  const read = async (register: number, count = 1) => [...(await i2c.writeRead(Uint8Array.of(register), count))]
  const write = (...bytes: number[]) => i2c.write(Uint8Array.from(bytes))
  const raw = async () => {
    const [p0 = 0, p1 = 0, p2 = 0, t0 = 0, t1 = 0, t2 = 0] = await read(0xf7, 6)
    return { pressure: ((p0 << 16) | (p1 << 8) | p2) >> 4, temperature: ((t0 << 16) | (t1 << 8) | t2) >> 4 }
  }
  const result = async () => {
    const { pressure, temperature } = await raw()
    const fine = fineTemperature(temperature, exampleCalibration)
    return { pa: pascals(pressure, fine, exampleCalibration) ?? Number.NaN, cel: celsius(fine) }
  }
  return { clock, chip, read, write, raw, result }
}

const STREAMING = 0x2f

describe('emulated BMP280', () => {
  it('sleeps after power-on, with its identity and the datasheet\'s trimming values', async () => {
    const { clock, read, raw } = onBus()
    expect(await read(0xd0)).toEqual([0x58])
    expect(parseCalibration(Uint8Array.from(await read(0x88, 24)))).toEqual(exampleCalibration)
    clock.advance(1_000)
    expect(await raw()).toEqual({ pressure: 0x80000, temperature: 0x80000 })
  })

  it('copies its trimming values for 2 ms after power-on and says so', async () => {
    const { clock, read } = onBus()
    expect(await read(0xf3)).toEqual([0x01])
    clock.advance(2)
    expect(await read(0xf3)).toEqual([0x00])
  })

  it('gives back pressure and temperature within its resolution', async () => {
    const { clock, write, result } = onBus()
    await write(0xf4, STREAMING)
    clock.advance(12)
    const { pa, cel } = await result()
    expect(Math.abs(pa - 101_325)).toBeLessThan(0.66)
    expect(cel).toBeCloseTo(25, 1)
  })

  it('in normal mode gives a new result every 12 ms', async () => {
    const { clock, write, result, read } = onBus({ pressurePa: (atMs) => 100_000 + Math.floor(atMs / 12) * 100 })
    await write(0xf4, STREAMING)
    clock.advance(11)
    expect(await read(0xf3)).toEqual([0x08])
    for (let n = 0; n < 5; n += 1) {
      clock.advance(n === 0 ? 0.6 : 12)
      expect(Math.abs((await result()).pa - (100_000 + n * 100))).toBeLessThan(1)
    }
  })

  it('in forced mode measures once and sleeps again', async () => {
    const { clock, read, write, result } = onBus({ pressurePa: (atMs) => (atMs < 12 ? 100_000 : 90_000) })
    await write(0xf4, 0x2d)
    clock.advance(500)
    expect(Math.abs((await result()).pa - 100_000)).toBeLessThan(1)
    expect(await read(0xf4)).toEqual([0x2c])
  })

  it('gives 0x80000 for what is skipped', async () => {
    const { clock, write, raw } = onBus()
    await write(0xf4, 0x23)
    clock.advance(50)
    const { pressure, temperature } = await raw()
    expect(pressure).toBe(0x80000)
    expect(temperature).not.toBe(0x80000)
  })

  it.each([
    [1, 16],
    [2, 8],
    [3, 4],
    [4, 2],
    [5, 1],
  ])('with oversampling %i has steps of %i', async (osrs, step) => {
    const { clock, write, raw } = onBus({ pressurePa: (atMs) => 100_000 + atMs * 3.7 })
    await write(0xf4, (1 << 5) | (osrs << 2) | 3)
    const seen: number[] = []
    for (let n = 0; n < 40; n += 1) {
      clock.advance(50)
      seen.push((await raw()).pressure)
    }
    expect(seen.every((value) => value % step === 0)).toBe(true)
    expect(seen.some((value) => value % (step * 2) !== 0)).toBe(true)
  })

  it('is less noisy with more oversampling, and equally noisy every time', async () => {
    const deviation = async (osrs: number) => {
      const { clock, write, result } = onBus({ noisePa: 3.3 })
      await write(0xf4, (1 << 5) | (osrs << 2) | 3)
      let sum = 0
      for (let n = 0; n < 400; n += 1) {
        clock.advance(50)
        sum += ((await result()).pa - 101_325) ** 2
      }
      return Math.sqrt(sum / 400)
    }
    const [coarse, fine] = [await deviation(1), await deviation(5)]
    expect(coarse).toBeGreaterThan(2.8)
    expect(coarse).toBeLessThan(3.8)
    expect(fine).toBeGreaterThan(1.1)
    expect(fine).toBeLessThan(1.5)
    expect(await deviation(1)).toBe(coarse)
  })

  it('follows a step slowly behind its IIR filter', async () => {
    const { clock, write, result } = onBus({ pressurePa: (atMs) => (atMs < 1_000 ? 100_000 : 101_000) })
    await write(0xf5, 4 << 2)
    await write(0xf4, STREAMING)
    clock.advance(1_000)
    expect((await result()).pa).toBeCloseTo(100_000, -1)
    // Table 6 of the datasheet: 22 samples to 75 % of a step at coefficient 16.
    clock.advance(22 * 12)
    const { pa } = await result()
    expect(pa).toBeGreaterThan(100_720)
    expect(pa).toBeLessThan(100_800)
  })

  it('ignores a filter written outside sleep', async () => {
    const { read, write } = onBus()
    await write(0xf4, STREAMING)
    await write(0xf5, 0x10)
    expect(await read(0xf5)).toEqual([0x00])
  })

  it('takes register and value in turn in one write, and resets on 0xB6 alone', async () => {
    const { clock, read, write, raw } = onBus()
    await write(0xf5, 0x10, 0xf4, STREAMING)
    expect(await read(0xf4, 2)).toEqual([STREAMING, 0x10])
    clock.advance(50)
    await write(0xe0, 0x01)
    expect(await read(0xf4)).toEqual([STREAMING])
    await write(0xe0, 0xb6)
    expect(await read(0xf4, 2)).toEqual([0, 0])
    expect(await raw()).toEqual({ pressure: 0x80000, temperature: 0x80000 })
  })
})
