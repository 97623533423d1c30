import { busFault, type I2c } from '../bus/i2c.ts'
import type { LedCurrent } from './define-sensor.ts'
import { LED_MA_PER_LSB, Mode, Register, Status1, Status2 } from './max3010x-registers.ts'
import type { Channel } from './reading.ts'
import { readByte, writeByte } from './registers.ts'

/** Which LEDs are lit in turn, and how the chip is told. */
export interface LedLayout {
  readonly channels: readonly Channel[]
  /** Registers that set the mode, in the order in which they are written. */
  readonly mode: readonly (readonly [register: keyof typeof Register, value: number])[]
}

const setUp: readonly (readonly [register: number, value: number])[] = [
  [Register.INTERRUPT_ENABLE_1, Status1.A_FULL | Status1.PPG_RDY],
  [Register.INTERRUPT_ENABLE_2, Status2.DIE_TEMP_RDY],
  [Register.FIFO_WR_PTR, 0],
  [Register.OVF_COUNTER, 0],
  [Register.FIFO_RD_PTR, 0],
  // Average 4, roll over when full, A_FULL at 17 unread samples.
  [Register.FIFO_CONFIG, 0x5f],
  // 4096 nA full scale, 100 conversions a second, 411 µs pulses, 18 bits.
  [Register.SPO2_CONFIG, 0x27],
]

// A reset takes less than a millisecond, a poll a tenth of one.
const RESET_POLLS = 50

/** Puts every register to its power-on value and waits for the chip to say it has done so. */
export async function reset(i2c: I2c): Promise<void> {
  await writeByte(i2c, Register.MODE_CONFIG, Mode.RESET)
  for (let poll = 0; poll < RESET_POLLS; poll += 1) {
    if (((await readByte(i2c, Register.MODE_CONFIG)) & Mode.RESET) === 0) return
  }
  throw busFault(i2c.address, 'failed')
}

export async function startSampling(i2c: I2c, { mode }: LedLayout, current: LedCurrent): Promise<void> {
  for (const [register, value] of setUp) await writeByte(i2c, register, value)
  for (const [register, value] of mode) await writeByte(i2c, Register[register], value)
  await writeLedCurrent(i2c, current)
  // PWR_RDY stays from power-on until read; from here on it means that the supply failed.
  await readByte(i2c, Register.INTERRUPT_STATUS_1)
}

export async function clearFifo(i2c: I2c): Promise<void> {
  for (const register of [Register.FIFO_WR_PTR, Register.OVF_COUNTER, Register.FIFO_RD_PTR]) await writeByte(i2c, register, 0)
}

export async function writeLedCurrent(i2c: I2c, { redMa, irMa }: LedCurrent): Promise<void> {
  await writeByte(i2c, Register.LED1_RED, steps(redMa))
  await writeByte(i2c, Register.LED2_IR, steps(irMa))
}

/** The current the chip really gives for one that was asked for. */
export const nearestCurrent = (ma: number): number => steps(ma) * LED_MA_PER_LSB

export const roundedCurrent = ({ redMa, irMa }: LedCurrent): LedCurrent => ({ redMa: nearestCurrent(redMa), irMa: nearestCurrent(irMa) })

const steps = (ma: number): number => Math.min(0xff, Math.max(0, Math.round(ma / LED_MA_PER_LSB)))
