import { AppError } from '@vigil/contract/errors'
import { type BusFault, busFault, type I2c, type I2cBus, type I2cOptions } from './i2c.ts'

/** The part of the `i2c-bus` package that is used. */
export interface LinuxI2cDriver {
  openPromisified(busNumber: number): Promise<LinuxI2cHandle>
}

export interface LinuxI2cHandle {
  i2cFuncs(): Promise<{ readonly i2c: boolean; readonly smbusReadI2cBlock?: boolean }>
  readI2cBlock(address: number, command: number, length: number, buffer: Buffer): Promise<{ bytesRead: number }>
  i2cRead(address: number, length: number, buffer: Buffer): Promise<{ bytesRead: number }>
  i2cWrite(address: number, length: number, buffer: Buffer): Promise<{ bytesWritten: number }>
  close(): Promise<void>
}

export interface LinuxI2cOptions {
  /** `1` is /dev/i2c-1, the pins of a Raspberry Pi's header. */
  readonly busNumber: number
  /** Where the native driver comes from; only a test gives another. */
  readonly loadDriver?: () => Promise<LinuxI2cDriver>
}

const installedDriver = async (): Promise<LinuxI2cDriver> => (await import('i2c-bus')).default

/**
 * Opens a Linux I2C bus through the optional package `i2c-bus`.
 *
 * Plain `i2cWrite` and `i2cRead` are used where more than 32 bytes are wanted, at which the SMBus calls end. Up to that a register
 * is read with a repeated START, in one call of the kernel: an MLX90614 forgets at a STOP what it was asked, and nobody else on
 * the bus can slip in between. The other chips keep their register pointer over a STOP.
 * The bus clock is set in the device tree (`dtparam=i2c_arm_baudrate=400000`), so `hz` has no effect.
 *
 * @throws AppError `I2C_UNAVAILABLE` when the driver is not installed, the bus does not exist or may not be opened.
 */
export async function openLinuxI2c({ busNumber, loadDriver = installedDriver }: LinuxI2cOptions): Promise<I2cBus> {
  const driver = await loadDriver().catch((cause: unknown) => {
    throw unavailable(whyNotLoaded(errorCode(cause)), cause)
  })
  const handle = await openChecked(driver, busNumber)
  const taken = new Set<number>()
  const { smbusReadI2cBlock: repeatsStart = false } = await handle.i2cFuncs()
  return { open: (options) => openTarget({ handle, taken, repeatsStart }, options), close: () => handle.close() }
}

interface OpenBus {
  readonly handle: LinuxI2cHandle
  readonly taken: Set<number>
  readonly repeatsStart: boolean
}

const SMBUS_BLOCK_BYTES = 32

/** The package opens the bus only at the first transfer; asking what it can do brings out now what would fail later. */
async function openChecked(driver: LinuxI2cDriver, busNumber: number): Promise<LinuxI2cHandle> {
  const explain = (cause: unknown): never => {
    throw unavailable(whyNotOpened(busNumber, errorCode(cause)), cause)
  }
  const handle = await driver.openPromisified(busNumber).catch(explain)
  const { i2c: plainTransfers } = await handle.i2cFuncs().catch(explain)
  if (plainTransfers) return handle
  await handle.close()
  throw unavailable(`/dev/i2c-${busNumber} is an SMBus without plain I2C transfers; connect the sensors to another bus`, undefined)
}

function openTarget({ handle, taken, repeatsStart }: OpenBus, { address }: I2cOptions): I2c {
  const attempt = async <T>(transfer: () => Promise<T>): Promise<T> => {
    // After the kernel has refused an address once, the package would send the next transfer to address 0, the general call.
    if (taken.has(address)) throw busFault(address, 'taken')
    try {
      return await transfer()
    } catch (cause) {
      const fault = whatFault(errorCode(cause))
      if (fault === 'taken') taken.add(address)
      throw busFault(address, fault, cause)
    }
  }
  const write = (bytes: Uint8Array): Promise<void> =>
    attempt(async () => {
      const { bytesWritten } = await handle.i2cWrite(address, bytes.length, asBuffer(bytes))
      if (bytesWritten !== bytes.length) throw busFault(address, 'failed')
    })
  const read = (into: number | Uint8Array): Promise<Uint8Array> =>
    attempt(async () => {
      const bytes = typeof into === 'number' ? new Uint8Array(into) : into
      const { bytesRead } = await handle.i2cRead(address, bytes.length, asBuffer(bytes))
      if (bytesRead !== bytes.length) throw busFault(address, 'failed')
      return bytes
    })
  const readRegisters = (register: number, into: Uint8Array): Promise<Uint8Array> =>
    attempt(async () => {
      const { bytesRead } = await handle.readI2cBlock(address, register, into.length, asBuffer(into))
      if (bytesRead !== into.length) throw busFault(address, 'failed')
      return into
    })
  const writeRead = async (bytes: Uint8Array, into: number | Uint8Array): Promise<Uint8Array> => {
    const buffer = typeof into === 'number' ? new Uint8Array(into) : into
    const [register] = bytes
    if (repeatsStart && register !== undefined && bytes.length === 1 && buffer.length <= SMBUS_BLOCK_BYTES) return readRegisters(register, buffer)
    await write(bytes)
    return read(buffer)
  }
  return { address, read, write, writeRead, close: async () => {} }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const errorCode = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

function whatFault(code: string): BusFault {
  // Linux host adapters disagree on how they say "nobody acknowledged": ENXIO by the kernel's rules, EREMOTEIO on the Pi.
  if (code === 'ENXIO' || code === 'EREMOTEIO') return 'nack'
  if (code === 'EBUSY') return 'taken'
  return code === 'ETIMEDOUT' || code === 'EAGAIN' ? 'stuck' : 'failed'
}

function whyNotLoaded(code: string): string {
  const what = code === 'ERR_DLOPEN_FAILED' ? 'was built for another version of Node.js' : 'is not installed'
  return `The I2C driver ${what}; run "node boot.mjs --i2c" in the folder of Vigil, as its owner (it needs Linux and a C++ compiler: apt install g++)`
}

function whyNotOpened(busNumber: number, code: string): string {
  const path = `/dev/i2c-${busNumber}`
  if (code === 'ENOENT') return `There is no ${path}; switch I2C on (raspi-config, Interface Options) or name another bus`
  if (code === 'EACCES' || code === 'EPERM') return `This user may not open ${path}; add it to the group i2c and sign in again`
  return `${path} could not be opened${code ? ` (${code})` : ''}`
}

const unavailable = (message: string, cause: unknown): AppError => new AppError('I2C_UNAVAILABLE', message, { cause })
