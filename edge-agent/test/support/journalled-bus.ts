import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import type { I2cBus } from '../../src/bus/i2c.ts'
import { EmulatedBmp280 } from '../../src/sim/chips/emulated-bmp280.ts'
import { EmulatedTmp117 } from '../../src/sim/chips/emulated-tmp117.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { serveBus } from '../../src/sim/serve-bus.ts'

/** What a thermometer gave a start of the agent, as the wire carries it; milliseconds of one clock, the test's. */
export interface Given {
  readonly cel: number
  readonly atMs: number
  /** Longest time in which the agent asked nothing of any sensor, from here to the next reading. */
  readonly silentMs: number
  /** Until the next reading. */
  readonly untilNextMs: number
}

export interface JournalledBus {
  /** Where a program finds the sensors: a socket of this machine. */
  readonly socket: string
  /** One list for each start of the agent, from the file. */
  read(): readonly (readonly Given[])[]
}

const TEMP_RESULT = 0x00
const CELSIUS_PER_LSB = 0.0078125
const NEVER_CONVERTED = 0x8000
/** Two steps of the chip: still two values where the wire has hundredths. */
const WARMER_EACH_TIME = 2 * CELSIUS_PER_LSB
const FROM_CEL = 32

/**
 * Emulated sensors behind a socket, in this process, that write down what they give: a line for each result of the thermometer, on the disk before the agent
 * has it. No two conversions give the same. Nothing of the agent has a part in it.
 */
export async function startJournalledBus(folder: string): Promise<JournalledBus> {
  const path = join(folder, 'given.jsonl')
  const file = openSync(path, 'a', 0o600)
  const bus = createEmulatedBus()
  let conversions = 0
  bus.attach(0x48, new EmulatedTmp117({ clock: systemClock, temperatureCel: () => FROM_CEL + WARMER_EACH_TIME * conversions++ }))
  bus.attach(0x77, new EmulatedBmp280({ clock: systemClock, pressurePa: () => 100_000, temperatureCel: () => 22, seed: 1 }))
  let start = 0
  const server = createServer((connection) => {
    connection.on('error', () => {})
    serveBus(journalled(bus, file, start++), connection)
  })
  const socket = join(folder, 'bus.sock')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(() => void server.close())
  return { socket, read: () => startsOf(readFileSync(path, 'utf8')) }
}

function journalled(bus: I2cBus, file: number, start: number): I2cBus {
  let askedMs = systemClock.monotonic()
  let silentMs = 0
  const heard = (): void => {
    const now = systemClock.monotonic()
    silentMs = Math.max(silentMs, now - askedMs)
    askedMs = now
  }
  const note = (word: number): void => {
    writeSync(file, `${JSON.stringify({ start, word, atMs: systemClock.monotonic(), silentMs })}\n`)
    fsyncSync(file)
    silentMs = 0
  }
  return {
    open(options) {
      const chip = bus.open(options)
      return {
        ...chip,
        async writeRead(bytes, into) {
          heard()
          const read = await chip.writeRead(bytes, into)
          if (options.address === 0x48 && bytes[0] === TEMP_RESULT) note(((read[0] ?? 0) << 8) | (read[1] ?? 0))
          return read
        },
      }
    },
    close: () => bus.close(),
  }
}

interface Line {
  readonly start: number
  readonly word: number
  readonly atMs: number
  /** Of the time before it. */
  readonly silentMs: number
}

function startsOf(text: string): Given[][] {
  const starts: Given[][] = []
  const lines = text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
  for (const [i, { start, word, atMs }] of lines.entries()) {
    const next = lines[i + 1]
    const lasts = next?.start === start ? { silentMs: next.silentMs, untilNextMs: next.atMs - atMs } : { silentMs: 0, untilNextMs: 0 }
    const given = (starts[start] ??= [])
    if (word !== NEVER_CONVERTED) given.push({ cel: Number((word * CELSIUS_PER_LSB).toFixed(2)), atMs, ...lasts })
  }
  return starts
}
