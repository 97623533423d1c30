import { AppError } from '@vigil/contract/errors'
import { type BusFault, busFault, type I2c, type I2cBus, type I2cOptions } from './i2c.ts'

/** One transfer a driver is expected to make: `write` alone, `read` alone, or both for a `writeRead`. */
export interface ScriptedTransfer {
  readonly address: number
  readonly write?: readonly number[]
  readonly read?: readonly number[]
  /** The transfer is expected and fails in this way. */
  readonly fault?: BusFault
}

export interface ScriptedI2c extends I2cBus {
  /** Throws when the driver left part of the script unsaid. */
  done(): void
}

/** A bus that holds one conversation, word for word, for tests of a single driver. */
export function scriptedI2c(script: readonly ScriptedTransfer[]): ScriptedI2c {
  let position = 0

  const transfer = (address: number, write: Uint8Array | undefined, count: number | undefined): Uint8Array => {
    const expected = script[position]
    const asked = { address, ...(write && { write: [...write] }), ...(count !== undefined && { count }) }
    if (!expected || !fits(expected, asked)) throw offScript(position, expected, asked)
    position += 1
    if (expected.fault) throw busFault(address, expected.fault)
    return Uint8Array.from(expected.read ?? [])
  }

  const open = ({ address }: I2cOptions): I2c => {
    const fill = (write: Uint8Array | undefined, into: number | Uint8Array): Uint8Array => {
      const bytes = typeof into === 'number' ? new Uint8Array(into) : into
      bytes.set(transfer(address, write, bytes.length))
      return bytes
    }
    return {
      address,
      read: async (into) => fill(undefined, into),
      write: async (bytes) => void transfer(address, bytes, undefined),
      writeRead: async (bytes, into) => fill(bytes, into),
      close: async () => {},
    }
  }

  return {
    open,
    close: async () => {},
    done() {
      if (position < script.length) throw offScript(position, script[position], 'nothing more')
    },
  }
}

interface AskedTransfer {
  readonly address: number
  readonly write?: readonly number[]
  readonly count?: number
}

function fits(expected: ScriptedTransfer, asked: AskedTransfer): boolean {
  const sameWrite = JSON.stringify(expected.write ?? null) === JSON.stringify(asked.write ?? null)
  // A failing transfer need not say what it would have read.
  const sameCount = expected.fault !== undefined || expected.read?.length === asked.count
  return expected.address === asked.address && sameWrite && sameCount
}

function offScript(position: number, expected: ScriptedTransfer | undefined, asked: AskedTransfer | string): AppError {
  const said = `transfer ${position + 1}: expected ${JSON.stringify(expected ?? 'nothing more')}, got ${JSON.stringify(asked)}`
  return new AppError('SENSOR_BUS_FAULT', `The driver left the script at ${said}`, { details: { position } })
}
