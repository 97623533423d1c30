import type { I2c, I2cBus, I2cOptions } from './i2c.ts'

/**
 * Lets several drivers use one bus: their transfers run one after the other, in the order they were asked for.
 * Sharing is an adapter, so neither drivers nor buses know about it.
 */
export function shareBus(bus: I2cBus): I2cBus {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(transfer: () => Promise<T>): Promise<T> => {
    // A failed transfer must not stop those behind it; its own caller still hears of it.
    const turn = last.then(transfer, transfer)
    last = turn
    return turn
  }
  const open = (options: I2cOptions): I2c => {
    const target = bus.open(options)
    return {
      address: target.address,
      read: (into) => inTurn(() => target.read(into)),
      write: (bytes) => inTurn(() => target.write(bytes)),
      writeRead: (bytes, into) => inTurn(() => target.writeRead(bytes, into)),
      close: () => inTurn(() => target.close()),
    }
  }
  return { open, close: () => inTurn(() => bus.close()) }
}
