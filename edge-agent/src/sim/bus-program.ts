import { Socket } from 'node:net'
import { isAppError } from '@vigil/contract/errors'
import { systemClock } from '@vigil/program/system-clock'
import { emulatedBus, type EmulatedBusOptions } from './emulated-board.ts'
import { serveBus } from './serve-bus.ts'

/** The socket to the agent; with its end this program ends too, however that came. */
const AGENT_FD = 3

/** What the program says on standard output when its chips answer. */
export type BusProgramWord = { readonly note: string; readonly sensors: readonly { readonly model: string; readonly address: number }[] | null } | { readonly code: string; readonly why: string }

const say = (word: BusProgramWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)

try {
  const { bus, note, sensors } = emulatedBus(JSON.parse(process.argv[2] ?? '{}') as EmulatedBusOptions, systemClock)
  const socket = new Socket({ fd: AGENT_FD, readable: true, writable: true })
  socket.on('error', () => {})
  socket.on('close', () => process.exit(0))
  serveBus(bus, socket)
  socket.resume()
  say({ note, sensors: sensors ?? null })
} catch (error) {
  if (!isAppError(error)) throw error
  say({ code: error.code, why: error.message })
}
