import type { Duplex } from 'node:stream'
import { faultOf, type I2c, type I2cBus } from '../bus/i2c.ts'
import { readRequest, statuses, type TransferRequest } from '../bus/socket-frames.ts'

/** Lets another program use a bus: see `socket-frames.ts`. */
export function serveBus(bus: I2cBus, socket: Duplex): void {
  const targets = new Map<number, I2c>()
  let kept: Buffer = Buffer.alloc(0)
  let last: Promise<void> = Promise.resolve()

  const target = (address: number): I2c => {
    const known = targets.get(address) ?? bus.open({ address })
    targets.set(address, known)
    return known
  }
  const answer = async (request: TransferRequest): Promise<void> => {
    try {
      const read = await perform(target(request.address), request)
      socket.write(Buffer.concat([Buffer.of(0), read]))
    } catch (error) {
      const fault = faultOf(error)
      if (fault === undefined) throw error
      socket.write(Buffer.of(statuses.indexOf(fault)))
    }
  }
  socket.on('data', (bytes: Buffer) => {
    kept = kept.length > 0 ? Buffer.concat([kept, bytes]) : bytes
    socket.cork()
    for (let next = readRequest(kept); next; next = readRequest(kept)) {
      const { request, length } = next
      kept = kept.subarray(length)
      last = last.then(() => answer(request))
    }
    last = last.then(() => socket.uncork())
  })
}

async function perform(chip: I2c, { write, readCount }: TransferRequest): Promise<Uint8Array> {
  if (write && readCount !== undefined) return chip.writeRead(write, readCount)
  if (write) await chip.write(write)
  return readCount === undefined ? new Uint8Array(0) : chip.read(readCount)
}
