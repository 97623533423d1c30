import { busFault, type I2c, type I2cBus, type I2cOptions } from './i2c.ts'

/** The part of ECMA-419's I2C class that is used; `read` returns an `ArrayBuffer` for a count and fills a given buffer. */
export interface Ecma419I2c {
  read(option: number | Uint8Array, stop?: boolean): ArrayBuffer | Uint8Array | number | undefined
  write(buffer: Uint8Array, stop?: boolean): void
  close(): void
}

export type Ecma419I2cConstructor = new (options: Record<string, unknown>) => Ecma419I2c

const DEFAULT_HZ = 400_000

/**
 * Lets drivers run on an engine that has ECMA-419's synchronous I2C class.
 * `pins` are the engine's own options (`{ data, clock, port }`), the same for every chip on the bus.
 */
export function ecma419I2c(I2cClass: Ecma419I2cConstructor, pins: Readonly<Record<string, unknown>>): I2cBus {
  return {
    open: (options) => openTarget(new I2cClass({ ...pins, hz: DEFAULT_HZ, ...options }), options),
    close: async () => {},
  }
}

function openTarget(target: Ecma419I2c, { address }: I2cOptions): I2c {
  // ECMA-419 leaves the kind of error to the host, so what went wrong cannot be told apart here; an absent chip is by far
  // the most frequent, and a scan must be able to step over it.
  const attempt = async <T>(transfer: () => T): Promise<T> => {
    try {
      return transfer()
    } catch (cause) {
      throw busFault(address, 'nack', cause)
    }
  }
  const readInto = (into: number | Uint8Array): Uint8Array => {
    const bytes = typeof into === 'number' ? new Uint8Array(into) : into
    target.read(bytes)
    return bytes
  }
  return {
    address,
    read: (into) => attempt(() => readInto(into)),
    write: (bytes) => attempt(() => target.write(bytes)),
    writeRead: (bytes, into) =>
      attempt(() => {
        target.write(bytes, false)
        return readInto(into)
      }),
    close: async () => target.close(),
  }
}
