import { describe, expect, it } from 'vitest'
import { ecma419I2c } from '../../src/bus/ecma419-i2c.ts'
import { faultOf } from '../../src/bus/i2c.ts'

const calls: string[] = []

/** As an engine offers it: synchronous, pins and address in one options object, `stop` as second argument. */
class EngineI2c {
  readonly #options: Record<string, unknown>

  constructor(options: Record<string, unknown>) {
    this.#options = options
    calls.push(`open ${JSON.stringify(options)}`)
  }

  read(into: number | Uint8Array): undefined {
    if (this.#options['address'] === 0x10) throw new RangeError('not acknowledged')
    if (typeof into !== 'number') into.fill(0x15)
    calls.push('read')
  }

  write(buffer: Uint8Array, stop = true): void {
    calls.push(`write ${[...buffer].join()} ${stop ? 'stop' : 'no stop'}`)
  }

  close(): void {
    calls.push('close')
  }
}

describe('an engine with synchronous I2C', () => {
  it('runs a driver conversation with a repeated start and its own pins', async () => {
    calls.length = 0
    const bus = ecma419I2c(EngineI2c, { data: 21, clock: 22 })
    const i2c = bus.open({ address: 0x57 })
    expect(await i2c.writeRead(Uint8Array.of(0xff), 1)).toEqual(Uint8Array.of(0x15))
    await i2c.write(Uint8Array.of(9, 3))
    await i2c.close()
    await bus.close()
    expect(calls).toEqual(['open {"data":21,"clock":22,"hz":400000,"address":87}', 'write 255 no stop', 'read', 'write 9,3 stop', 'close'])
  })

  it('reports a sensor that does not answer as a bus fault with the engine error as cause', async () => {
    const error: unknown = await ecma419I2c(EngineI2c, {}).open({ address: 0x10 }).read(1).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'SENSOR_BUS_FAULT', cause: expect.any(RangeError) })
    expect(faultOf(error)).toBe('nack')
    expect(faultOf(new RangeError('no bus'))).toBeUndefined()
  })
})
