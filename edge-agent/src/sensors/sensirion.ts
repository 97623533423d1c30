import { busFault, faultOf, type I2c } from '../bus/i2c.ts'
import { createCrc8 } from './crc8.ts'
import { unsigned16BigEndian } from './words.ts'

/** How Sensirion's chips talk: commands of 16 bits, words of 16 bits each followed by its CRC. */
const WORD_BYTES = 3
/** A chip refuses to be read until it is ready, which takes a millisecond at most; a refusal takes a tenth of one. */
const READY_POLLS = 50

export const crc8 = createCrc8({ polynomial: 0x31, initial: 0xff })

export const sendCommand = (i2c: I2c, command: number): Promise<void> => i2c.write(Uint8Array.of(command >> 8, command & 0xff))

/** Words the chip has ready. @throws AppError `SENSOR_BUS_FAULT`: `nack` when there are none, `garbled` when a CRC does not fit. */
export async function readWords(i2c: I2c, count: number): Promise<number[]> {
  const bytes = await i2c.read(count * WORD_BYTES)
  const words: number[] = []
  for (let at = 0; words.length < count; at += WORD_BYTES) {
    if (crc8(bytes, at, at + 2) !== bytes[at + 2]) throw busFault(i2c.address, 'garbled')
    words.push(unsigned16BigEndian(bytes, at))
  }
  return words
}

/** Sends a command, or one in two parts, and reads its answer as soon as the chip lets itself be read. */
export async function ask(i2c: I2c, command: number | readonly number[], count: number): Promise<number[]> {
  for (const part of [command].flat()) await sendCommand(i2c, part)
  for (let poll = 1; ; poll += 1) {
    const words = await wordsIfReady(i2c, count)
    if (words) return words
    if (poll === READY_POLLS) throw busFault(i2c.address, 'nack')
  }
}

/** `undefined` while the chip refuses to be read. */
export async function wordsIfReady(i2c: I2c, count: number): Promise<number[] | undefined> {
  try {
    return await readWords(i2c, count)
  } catch (error) {
    if (faultOf(error) === 'nack') return undefined
    throw error
  }
}

/** False when an answer carries no check sum, as any other chip's. @throws AppError `SENSOR_BUS_FAULT` when nobody answers. */
export async function answersWith(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe()
  } catch (error) {
    if (faultOf(error) === 'garbled') return false
    throw error
  }
}
