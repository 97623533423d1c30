import type { I2c } from '../bus/i2c.ts'
import { unsigned16BigEndian } from './words.ts'

/** Reads `count` bytes from `register` on, or over and over from it where the chip does not step on (a FIFO). */
export const readBytes = (i2c: I2c, register: number, count: number): Promise<Uint8Array> => i2c.writeRead(Uint8Array.of(register), count)

const firstByte = (bytes: Uint8Array): number => bytes[0] ?? 0
const firstWord = (bytes: Uint8Array): number => unsigned16BigEndian(bytes)

// Many a time a second: a callback costs a small board less than a function that waits.
export const readByte = (i2c: I2c, register: number): Promise<number> => readBytes(i2c, register, 1).then(firstByte)

/** A 16-bit register sent most significant byte first, as thermometers do. */
export const readWord = (i2c: I2c, register: number): Promise<number> => readBytes(i2c, register, 2).then(firstWord)

export const writeByte = (i2c: I2c, register: number, value: number): Promise<void> => i2c.write(Uint8Array.of(register, value))

export const writeWord = (i2c: I2c, register: number, value: number): Promise<void> => i2c.write(Uint8Array.of(register, value >> 8, value & 0xff))
