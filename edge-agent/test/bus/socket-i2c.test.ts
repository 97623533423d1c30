import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import fc from 'fast-check'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { readRequest, requestBytes } from '../../src/bus/socket-frames.ts'
import { socketI2c } from '../../src/bus/socket-i2c.ts'
import { tmp117 } from '../../src/sensors/tmp117.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { serveBus } from '../../src/sim/serve-bus.ts'

/** Chips behind a real socket. */
async function behindSocket() {
  const clock = manualClock()
  const chips = createEmulatedBus()
  chips.attach(0x48, new EmulatedTmp117({ clock, temperatureCel: () => 37 }))
  const server = createServer((socket) => serveBus(chips, socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  return { bus: socketI2c(socket), chips, clock, socket }
}

describe('a bus whose chips live in another program', () => {
  it('is used by a driver like any other', async () => {
    const { bus, clock } = await behindSocket()
    const i2c = bus.open({ address: 0x48 })
    expect(await tmp117.identify(i2c)).toBe(true)
    const sensor = await tmp117.open(i2c, { clock })
    clock.advance(2_000)
    expect(await sensor.read()).toEqual([expect.objectContaining({ value: 37 })])
  })

  it('tells of a chip that does not answer and of a bus that is held down, and goes on', async () => {
    const { bus, chips } = await behindSocket()
    await expect(bus.open({ address: 0x20 }).read(1)).rejects.toMatchObject({ details: { fault: 'nack', address: 0x20 } })
    chips.stick()
    await expect(bus.open({ address: 0x48 }).read(2)).rejects.toMatchObject({ details: { fault: 'stuck' } })
    chips.free()
    expect(await bus.open({ address: 0x48 }).writeRead(Uint8Array.of(0x0f), 2)).toEqual(Uint8Array.of(0x01, 0x17))
  })

  it('answers several drivers that ask at once, each with its own', async () => {
    const { bus } = await behindSocket()
    const chip = bus.open({ address: 0x48 })
    const answers = await Promise.allSettled([chip.writeRead(Uint8Array.of(0x0f), 2), bus.open({ address: 0x11 }).read(3), chip.writeRead(Uint8Array.of(0x0f), 2), chip.write(Uint8Array.of(0x00))])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  })

  it('refuses every transfer when the other program is gone', async () => {
    const { bus, socket } = await behindSocket()
    const asked = bus.open({ address: 0x48 }).read(2)
    socket.destroy()
    await expect(asked).rejects.toMatchObject({ details: { fault: 'failed' } })
    await expect(bus.open({ address: 0x48 }).read(2)).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
  })

  it('understands each request, however it is cut', () => {
    const request = fc.record({ address: fc.integer({ min: 8, max: 0x77 }), write: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }), readCount: fc.option(fc.nat({ max: 192 }), { nil: undefined }) })
    fc.assert(
      fc.property(request, fc.nat({ max: 60 }), (sent, cut) => {
        const bytes = requestBytes(sent)
        if (cut < bytes.length) expect(readRequest(bytes.subarray(0, cut))).toBeUndefined()
        expect(readRequest(bytes)).toEqual({ request: sent, length: bytes.length })
      }),
      { seed: 3 },
    )
  })
})
