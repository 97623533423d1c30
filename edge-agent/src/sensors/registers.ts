import type { I2c } from '../bus/i2c.ts'
import { unsigned16BigEndian } from './words.ts'

/** Reads `count` bytes from `register` on, or over and over from it where the chip does not step on (a FIFO). */
export const readBytes = (i2c: I2c, register: number, count: number): Promise<Uint8Array> => i2c.writeRead(Uint8Array.of(register), count)

export const readByte = async (i2c: I2c, register: number): Promise<number> => (await readBytes(i2c, register, 1))[0] ?? 0

/** A 16-bit register sent most significant byte first, as thermometers do. */
export const readWord = async (i2c: I2c, register: number): Promise<number> => unsigned16BigEndian(await readBytes(i2c, register, 2))

export const writeByte = (i2c: I2c, register: number, value: number): Promise<void> => i2c.write(Uint8Array.of(register, value))

export const writeWord = (i2c: I2c, register: number, value: number): Promise<void> => i2c.write(Uint8Array.of(register, value >> 8, value & 0xff))
