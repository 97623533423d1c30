import type { Clock } from '@vigil/contract/clock'
import type { I2c, I2cBus, I2cOptions } from './i2c.ts'

export interface WatchedBus extends I2cBus {
  /** How long the oldest transfer under way has taken so far; 0 while none is. */
  waitingMs(): number
}

/**
 * Knows when a transfer does not come back. The kernel ends a stuck transfer with an error as a rule; a bus driver that hangs does not,
 * and then no sensor is ever read again, while everything else goes on.
 */
export function watchBus(bus: I2cBus, clock: Clock): WatchedBus {
  const underWay = new Map<number, number>()
  let transfers = 0
  const watched = <T>(transfer: () => Promise<T>): Promise<T> => {
    const number = (transfers += 1)
    underWay.set(number, clock.monotonic())
    const running = transfer()
    const over = (): void => void underWay.delete(number)
    // Beside the driver's own waiting, not around it: there are hundreds of transfers a second.
    running.then(over, over)
    return running
  }
  const open = (options: I2cOptions): I2c => {
    const target = bus.open(options)
    return {
      address: target.address,
      read: (into) => watched(() => target.read(into)),
      write: (bytes) => watched(() => target.write(bytes)),
      writeRead: (bytes, into) => watched(() => target.writeRead(bytes, into)),
      close: () => target.close(),
    }
  }
  return {
    open,
    close: () => bus.close(),
    waitingMs: () => (underWay.size === 0 ? 0 : clock.monotonic() - Math.min(...underWay.values())),
  }
}
