// An agent as the service runs it, on an emulated bus that hangs for good once somebody writes a line to standard input.
import { systemClock } from '@vigil/program'
import { openSensorBus } from '../../src/platform/sensor-bus.ts'
import { openWatchdog } from '../../src/platform/watchdog.ts'
import type { I2cBus } from '../../src/bus/i2c.ts'
import { startTestBoard } from '../support/test-board-agent.ts'

const { bus } = await openSensorBus({ bus: '', emulate: '100001-left', emulateSensors: 'usual' })
let hangs = false
process.stdin.once('data', () => (hangs = true))
const orNever = <T>(transfer: () => Promise<T>): Promise<T> => (hangs ? new Promise<T>(() => {}) : transfer())
const hanging: I2cBus = {
  open(options) {
    const chip = bus.open(options)
    return { ...chip, read: (into) => orNever(() => chip.read(into)), write: (bytes) => orNever(() => chip.write(bytes)), writeRead: (bytes, into) => orNever(() => chip.writeRead(bytes, into)) }
  },
  close: () => bus.close(),
}
const agent = await startTestBoard({ device: 'hanging', secret: 's', url: 'mqtt://127.0.0.1:1', folder: process.argv[2] as string, bus: hanging })
openWatchdog({ clock: systemClock, isAlive: () => agent.isAlive(), env: process.env })
systemClock.every(100, () => process.stdout.write(`${JSON.stringify({ alive: agent.isAlive(), values: Object.keys(agent.status().latest.m) })}\n`))
