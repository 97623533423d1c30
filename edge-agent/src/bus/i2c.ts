import { AppError } from '@vigil/contract/errors'

/** How one chip on the bus is addressed, named as in ECMA-419's I2C constructor options. */
export interface I2cOptions {
  /** 7-bit address, 0x08..0x77. */
  readonly address: number
  /** Clock in hertz. A wish: on Linux the speed belongs to the kernel and cannot be set per chip. */
  readonly hz?: number
}

/**
 * A conversation with one chip. Shaped after the I2C class of ECMA-419 (`read(count | buffer)`, `write(buffer)`), with two
 * differences that Linux needs:
 *
 * - Every call returns a promise, so a bus held low by a broken chip never stalls the event loop. An engine with synchronous
 *   calls is wrapped by `ecma419-i2c.ts`.
 * - ECMA-419 expresses "write, repeated START, read" as `write(buffer, false)` and then `read()`. Between two awaited calls
 *   another driver could slip in and move the register pointer, so here it is one call, `writeRead`.
 *
 * Every method rejects with `AppError('SENSOR_BUS_FAULT')`, whose `details.fault` says what happened (`BusFault`).
 */
export interface I2c {
  readonly address: number
  /** Reads `into` bytes, or fills the given buffer; resolves with the bytes read. */
  read(into: number | Uint8Array): Promise<Uint8Array>
  write(bytes: Uint8Array): Promise<void>
  /** Writes (a register pointer, as a rule), then reads, with nothing of another driver in between. */
  writeRead(bytes: Uint8Array, into: number | Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** Something that opens conversations: one I2C bus with all its chips. */
export interface I2cBus {
  open(options: I2cOptions): I2c
  close(): Promise<void>
}

/**
 * `nack`: nobody answered at the address. `taken`: the operating system keeps the chip to itself. `stuck`: the lines are held and
 * no transfer ends. `garbled`: a check sum does not fit what came. `failed`: anything else.
 */
export type BusFault = 'nack' | 'taken' | 'stuck' | 'garbled' | 'failed'

const sentences: Readonly<Record<BusFault, string>> = {
  nack: 'No answer from the sensor; check its plug and its supply',
  taken: 'A driver of the operating system holds this sensor; remove its overlay from the boot configuration',
  stuck: 'The sensor bus is held down; unplug the sensors one by one to find the broken one',
  garbled: 'What the sensor said came garbled; use a shorter cable or a slower bus',
  failed: 'The sensor bus refused a transfer; check the cable and the pull-up resistors',
}

/** The one error of every bus adapter. */
export function busFault(address: number, fault: BusFault, cause?: unknown): AppError {
  const where = `0x${address.toString(16).padStart(2, '0')}`
  return new AppError('SENSOR_BUS_FAULT', `${sentences[fault]} (address ${where})`, { cause, details: { address, fault } })
}

/** Which fault an error stands for; `undefined` when it is not from a bus. */
export function faultOf(error: unknown): BusFault | undefined {
  return error instanceof AppError && error.code === 'SENSOR_BUS_FAULT' ? (error.details?.['fault'] as BusFault | undefined) : undefined
}
