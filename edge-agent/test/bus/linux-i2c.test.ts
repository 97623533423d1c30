import { describe, expect, it } from 'vitest'
import { type LinuxI2cDriver, type LinuxI2cHandle, openLinuxI2c } from '../../src/bus/linux-i2c.ts'

const failure = (code: string): Error => Object.assign(new Error(code), { code })

function driver(handle: Partial<LinuxI2cHandle>): () => Promise<LinuxI2cDriver> {
  const silent: LinuxI2cHandle = {
    i2cFuncs: async () => ({ i2c: true, smbusReadI2cBlock: true }),
    readI2cBlock: async (_address, _command, length) => ({ bytesRead: length }),
    i2cRead: async (_address, length) => ({ bytesRead: length }),
    i2cWrite: async (_address, length) => ({ bytesWritten: length }),
    close: async () => {},
  }
  return async () => ({ openPromisified: async () => ({ ...silent, ...handle }) })
}

/** As the package does: it gives a handle for any bus, and the first use fails. */
const refusingToOpen = (code: string) =>
  driver({
    i2cFuncs: async () => {
      throw failure(code)
    },
  })

describe('opening a Linux I2C bus', () => {
  it('says in one sentence that a bus does not exist, through the installed driver itself', async () => {
    await expect(openLinuxI2c({ busNumber: 97 })).rejects.toMatchObject({ code: 'I2C_UNAVAILABLE', message: expect.stringMatching(/\/dev\/i2c-97|I2C driver/) })
  })

  it.each([
    ['ENOENT', 'There is no /dev/i2c-1'],
    ['EACCES', 'group i2c'],
    ['EBUSY', 'could not be opened (EBUSY)'],
  ])('explains %s and what to do', async (code, sentence) => {
    await expect(openLinuxI2c({ busNumber: 1, loadDriver: refusingToOpen(code) })).rejects.toMatchObject({
      code: 'I2C_UNAVAILABLE',
      message: expect.stringContaining(sentence),
      cause: { code },
    })
  })

  it('refuses a bus that cannot do plain transfers, and closes it again', async () => {
    let closed = false
    const loadDriver = driver({
      i2cFuncs: async () => ({ i2c: false }),
      close: async () => {
        closed = true
      },
    })
    await expect(openLinuxI2c({ busNumber: 1, loadDriver })).rejects.toMatchObject({ code: 'I2C_UNAVAILABLE', message: expect.stringContaining('SMBus') })
    expect(closed).toBe(true)
  })

  it.each([
    ['ERR_MODULE_NOT_FOUND', 'is not installed; run "node boot.mjs --i2c"'],
    ['ERR_DLOPEN_FAILED', 'was built for another version of Node.js; run "node boot.mjs --i2c"'],
  ])('explains a native driver that does not load: %s', async (code, sentence) => {
    const loadDriver = async (): Promise<LinuxI2cDriver> => {
      throw failure(code)
    }
    await expect(openLinuxI2c({ busNumber: 1, loadDriver })).rejects.toMatchObject({ code: 'I2C_UNAVAILABLE', message: expect.stringContaining(sentence) })
  })
})

describe('talking over a Linux I2C bus', () => {
  it('drains a whole FIFO of 192 bytes in one plain read into the caller\'s buffer', async () => {
    const written: number[][] = []
    const bus = await openLinuxI2c({
      busNumber: 1,
      loadDriver: driver({
        i2cWrite: async (address, length, buffer) => {
          written.push([address, ...buffer.subarray(0, length)])
          return { bytesWritten: length }
        },
        i2cRead: async (_address, length, buffer) => {
          buffer.fill(7)
          return { bytesRead: length }
        },
      }),
    })
    const samples = new Uint8Array(192)
    const i2c = bus.open({ address: 0x57 })
    await i2c.writeRead(Uint8Array.of(0x07), samples)
    expect(written).toEqual([[0x57, 0x07]])
    expect(samples.every((byte) => byte === 7)).toBe(true)
    await i2c.close()
    await bus.close()
  })

  it('reads a register with a repeated START where the bus can, so that an MLX90614 does not forget the question', async () => {
    const asked: number[][] = []
    const readI2cBlock = async (address: number, command: number, length: number, buffer: Buffer) => {
      asked.push([address, command, length])
      buffer.fill(9)
      return { bytesRead: length }
    }
    const i2cWrite = async (): Promise<never> => {
      throw failure('EIO')
    }
    const bus = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ readI2cBlock, i2cWrite }) })
    expect([...(await bus.open({ address: 0x5a }).writeRead(Uint8Array.of(0x07), 3))]).toEqual([9, 9, 9])
    expect(asked).toEqual([[0x5a, 0x07, 3]])
    const short = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ readI2cBlock: async () => ({ bytesRead: 1 }) }) })
    await expect(short.open({ address: 0x5a }).writeRead(Uint8Array.of(0x07), 3)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
  })

  it('reads in two transfers on a bus that cannot', async () => {
    const i2cFuncs = async () => ({ i2c: true, smbusReadI2cBlock: false })
    const readI2cBlock = async (): Promise<never> => {
      throw failure('EIO')
    }
    const bus = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ i2cFuncs, readI2cBlock }) })
    expect(await bus.open({ address: 0x48 }).writeRead(Uint8Array.of(0x00), 2)).toHaveLength(2)
  })

  it.each([
    ['ENXIO', 'nack'],
    ['EREMOTEIO', 'nack'],
    ['EBUSY', 'taken'],
    ['ETIMEDOUT', 'stuck'],
    ['EIO', 'failed'],
  ])('turns %s into a bus fault of the kind %s', async (code, fault) => {
    const i2cRead = async (): Promise<never> => {
      throw failure(code)
    }
    const bus = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ i2cRead }) })
    await expect(bus.open({ address: 0x57 }).read(1)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT', details: { address: 0x57, fault } })
  })

  it('never again talks to an address the kernel has refused', async () => {
    let transfers = 0
    const i2cWrite = async (): Promise<never> => {
      transfers += 1
      throw failure('EBUSY')
    }
    const bus = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ i2cWrite }) })
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(bus.open({ address: 0x57 }).write(Uint8Array.of(0x06))).rejects.toMatchObject({ details: { fault: 'taken' } })
    }
    expect(transfers).toBe(1)
    expect(await bus.open({ address: 0x48 }).read(1)).toHaveLength(1)
  })

  it('does not take half a transfer for a whole one', async () => {
    const bus = await openLinuxI2c({ busNumber: 1, loadDriver: driver({ i2cRead: async () => ({ bytesRead: 1 }), i2cWrite: async () => ({ bytesWritten: 0 }) }) })
    const i2c = bus.open({ address: 0x48 })
    await expect(i2c.read(2)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
    await expect(i2c.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
  })
})
