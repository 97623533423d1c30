import { onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { memoryDocument } from '../../src/commands/durable-document.ts'
import { createCalibration } from '../../src/core/calibration.ts'
import { createAgent, type Agent, type AgentOptions } from '../../src/core/agent.ts'
import type { Measurement, VitalSigns } from '../../src/core/measurement.ts'
import { mqttLink } from '../../src/link/mqtt-link.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { createSimulatedBoard, type SimulatedBoard } from '../../src/sim/simulated-board.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { memorySpoolStore } from '../../src/spool/memory-spool-store.ts'
import { seeded } from './seeded.ts'

export const address = { site: 'main', device: 'board-1' }
export const topic = (channel: string): string => `vitals/1/main/board-1/${channel}`
export const recordings = openRecordings()

/** Signals computed elsewhere: here only what the composition must pass on. */
export function scriptedVitalSigns(next: () => Partial<Measurement> = () => ({})): VitalSigns & { readonly heard: string[] } {
  const heard: string[] = []
  return {
    heard,
    push: (reading) => heard.push(reading.kind === 'block' ? reading.channel : reading.kind === 'absent' ? `no ${reading.of}` : reading.signal),
    second: () => ({ m: {}, q: {}, x: {}, sq: {}, ...next() }),
  }
}

export interface BenchAgent {
  readonly agent: Agent
  readonly board: SimulatedBoard
  readonly light: boolean[]
  readonly logged: string[]
}

/** The real agent on an emulated board, with everything else as the test says. */
export function benchAgent(url: string, changes: Partial<AgentOptions> = {}): BenchAgent {
  const clock = changes.clock ?? systemClock
  const board = createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1 })
  const light: boolean[] = []
  const logged: string[] = []
  const store = changes.store ?? memorySpoolStore({ epoch: 'abcd0001', capacity: 100_000 })
  const random = seeded(9)
  const agent = createAgent({
    clock,
    random,
    bus: board.bus,
    registry: sensorRegistry,
    store,
    link: mqttLink({ address, url, secret: 's', clock: systemClock, random, epoch: store.epoch, log: () => {} }),
    vitalSigns: scriptedVitalSigns(),
    documents: { commands: memoryDocument(), config: memoryDocument(), sensors: memoryDocument() },
    calibration: createCalibration(memoryDocument()),
    indicator: { kind: 'LED', set: (on) => light.push(on) },
    identity: { mode: 'test', firmware: '0.1.0', hardware: 'bench', note: 'emulated sensors' },
    log: (event) => logged.push(event),
    ...changes,
  })
  onTestFinished(() => agent.stop())
  return { agent, board, light, logged }
}
