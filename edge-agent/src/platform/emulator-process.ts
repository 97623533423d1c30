import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode } from '@vigil/contract/errors'
import type { OpenedBus } from '../bus/opened-bus.ts'
import { socketI2c } from '../bus/socket-i2c.ts'
import type { BusProgramWord } from '../sim/bus-program.ts'
import type { EmulatedBusOptions } from '../sim/emulated-board.ts'

/** The same two folders up from the sources and from the bundle. */
const program = fileURLToPath(new URL('../../src/sim/bus-program.ts', import.meta.url))

/**
 * Emulated sensors in a program of their own, so that this one is what runs on a board: the same drivers, the same bytes, and nothing of
 * the emulation in its memory or its processor time. It ends with the bus, or with this program however that ends.
 *
 * @throws AppError as `emulatedBus`.
 */
export async function startEmulator(options: EmulatedBusOptions): Promise<OpenedBus> {
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const ended = once(child, 'close')
  const word = await Promise.race([firstLine(child.stdout as unknown as AsyncIterable<Buffer>), ended.then(() => undefined)])
  if (word === undefined) throw new AppError('START_FAILED', 'The emulated sensors could not be started; the lines above say why.')
  if ('code' in word) throw new AppError(word.code as ErrorCode, word.why)
  // The agent ends when it is told to, not when its sensors do.
  child.unref()
  const bus = socketI2c(child.stdio[3] as Duplex)
  return { bus: { open: (target) => bus.open(target), close: () => bus.close().then(() => void ended) }, note: word.note, sensors: word.sensors ?? undefined }
}

async function firstLine(output: AsyncIterable<Buffer>): Promise<BusProgramWord | undefined> {
  let text = ''
  for await (const bytes of output) {
    text += bytes.toString()
    const end = text.indexOf('\n')
    if (end >= 0) return JSON.parse(text.slice(0, end)) as BusProgramWord
  }
  return undefined
}
