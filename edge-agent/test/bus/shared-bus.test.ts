import { describe, expect, it } from 'vitest'
import { busFault, type I2cBus } from '../../src/bus/i2c.ts'
import { shareBus } from '../../src/bus/shared-bus.ts'

/** A bus whose transfers end only when the test lets them, and that notes their order. */
function slowBus(): { bus: I2cBus; log: string[]; letOneEnd: (error?: unknown) => Promise<void> } {
  const log: string[] = []
  const waiting: ((error?: unknown) => void)[] = []
  const transfer = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      log.push(`${name} begins`)
      waiting.push((error) => {
        log.push(`${name} ends`)
        if (error) reject(error)
        else resolve()
      })
    })
  const bus: I2cBus = {
    open: ({ address }) => ({
      address,
      read: async () => transfer(`read ${address}`).then(() => new Uint8Array()),
      write: async () => transfer(`write ${address}`),
      writeRead: async () => transfer(`writeRead ${address}`).then(() => new Uint8Array()),
      close: async () => {},
    }),
    close: async () => void log.push('bus closed'),
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    bus,
    log,
    letOneEnd: async (error) => {
      await settle()
      waiting.shift()?.(error)
      await settle()
    },
  }
}

describe('a bus shared by several drivers', () => {
  it('finishes one transfer before the next begins', async () => {
    const { bus, log, letOneEnd } = slowBus()
    const shared = shareBus(bus)
    const thermometer = shared.open({ address: 0x48 })
    const oximeter = shared.open({ address: 0x57 })
    const both = [thermometer.writeRead(Uint8Array.of(0), 2), oximeter.write(Uint8Array.of(9, 3)), thermometer.read(2)]
    await letOneEnd()
    await letOneEnd()
    await letOneEnd()
    await Promise.all(both)
    expect(log).toEqual(['writeRead 72 begins', 'writeRead 72 ends', 'write 87 begins', 'write 87 ends', 'read 72 begins', 'read 72 ends'])
  })

  it('lets a transfer through after one that failed, and tells only the driver concerned', async () => {
    const { bus, letOneEnd } = slowBus()
    const shared = shareBus(bus)
    const failing = shared.open({ address: 0x48 }).read(2)
    const working = shared.open({ address: 0x57 }).read(1)
    const outcomes = Promise.allSettled([failing, working])
    await letOneEnd(busFault(0x48, 'nack'))
    await letOneEnd()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('closes the bus only after the transfers that were asked for', async () => {
    const { bus, log, letOneEnd } = slowBus()
    const shared = shareBus(bus)
    const target = shared.open({ address: 0x48 })
    const all = [target.read(1), target.close(), shared.close()]
    await letOneEnd()
    await Promise.all(all)
    expect(log).toEqual(['read 72 begins', 'read 72 ends', 'bus closed'])
  })
})
