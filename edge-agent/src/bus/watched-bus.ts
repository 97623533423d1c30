import type { Clock } from '@vigil/contract/clock'
import type { I2c, I2cBus, I2cOptions } from './i2c.ts'

export interface WatchedBus extends I2cBus {
  /** How long transfers have been under way without one of them coming back; 0 while none is. */
  waitingMs(): number
}

/**
 * Knows when a transfer does not come back. The kernel ends a stuck transfer with an error as a rule; a bus driver that hangs does not,
 * and then no sensor is ever read again, while everything else goes on.
 */
export function watchBus(bus: I2cBus, clock: Clock): WatchedBus {
  let underWay = 0
  let movedMs = 0
  const over = (): void => {
    underWay -= 1
    movedMs = clock.monotonic()
  }
  /** Beside the driver's own waiting, not around it, and without anything of its own: there are hundreds of transfers a second. */
  const watched = <T>(running: Promise<T>): Promise<T> => {
    if (underWay === 0) movedMs = clock.monotonic()
    underWay += 1
    running.then(over, over)
    return running
  }
  const open = (options: I2cOptions): I2c => {
    const target = bus.open(options)
    return {
      address: target.address,
      read: (into) => watched(target.read(into)),
      write: (bytes) => watched(target.write(bytes)),
      writeRead: (bytes, into) => watched(target.writeRead(bytes, into)),
      close: () => target.close(),
    }
  }
  return {
    open,
    close: () => bus.close(),
    waitingMs: () => (underWay === 0 ? 0 : clock.monotonic() - movedMs),
  }
}
