import { busFault, faultOf, type I2c, type I2cBus } from '../bus/i2c.ts'
import type { EmulatedChip } from './chips/emulated-chip.ts'

/** An I2C bus of chips made of software, which answer byte by byte: a driver cannot tell it from wires. */
export interface EmulatedBus extends I2cBus {
  attach(address: number, chip: EmulatedChip): void
  /** A transfer as an engine with a synchronous bus makes it; nothing when it is not acknowledged. */
  exchange(address: number, bytes: Uint8Array | undefined, count: number): Uint8Array | undefined
  /** Fault: a chip holds the data line down, no transfer ends. */
  stick(): void
  free(): void
}

export function createEmulatedBus(): EmulatedBus {
  const chips = new Map<number, EmulatedChip>()
  let stuck = false

  const begin = (address: number, direction: 'read' | 'write'): EmulatedChip => {
    if (stuck) throw busFault(address, 'stuck')
    const chip = chips.get(address)
    if (!chip?.begin(direction)) throw busFault(address, 'nack')
    return chip
  }
  const send = (address: number, bytes: Uint8Array): EmulatedChip => {
    const chip = begin(address, 'write')
    for (const byte of bytes) if (!chip.acceptByte(byte)) throw busFault(address, 'nack')
    return chip
  }
  const fetch = (address: number, into: number | Uint8Array): Uint8Array => {
    const bytes = typeof into === 'number' ? new Uint8Array(into) : into
    const chip = begin(address, 'read')
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = chip.supplyByte()
    chip.stop()
    return bytes
  }

  const open = ({ address }: { readonly address: number }): I2c => ({
    address,
    read: async (into) => fetch(address, into),
    write: async (bytes) => send(address, bytes).stop(),
    // No STOP between the two: a repeated START.
    writeRead: async (bytes, into) => {
      send(address, bytes)
      return fetch(address, into)
    },
    close: async () => {},
  })

  return {
    open,
    close: async () => {},
    exchange(address, bytes, count) {
      try {
        if (bytes) send(address, bytes)
        return count > 0 ? fetch(address, count) : new Uint8Array()
      } catch (error) {
        if (faultOf(error) === undefined) throw error
        return undefined
      }
    },
    attach: (address, chip) => void chips.set(address, chip),
    stick: () => {
      stuck = true
    },
    free: () => {
      stuck = false
    },
  }
}
