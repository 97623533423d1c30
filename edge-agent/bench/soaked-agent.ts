import { statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { Receipt } from '@vigil/contract/messages/receipt'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { memoryDocument } from '../src/commands/durable-document.ts'
import { type Agent, type AgentOptions, createAgent } from '../src/core/agent.ts'
import { createSensorSignals } from '../src/core/vital-signs-of-sensors.ts'
import type { Link, LinkHandlers } from '../src/link/link.ts'
import { sensorRegistry } from '../src/sensors/registry.ts'
import { createSimulatedBoard, type FittedChip } from '../src/sim/simulated-board.ts'
import { openRecordings } from '../src/sim/recording-files.ts'
import { openSqliteSpool } from '../src/spool/open-sqlite-spool.ts'
import { minuteRollUp } from '../src/spool/roll-up.ts'
import { countingServer } from './counting-server.ts'

/** How the agent stands after so many seconds of its own time. */
export interface SoakReading {
  readonly second: number
  /** After a full collection, MB; 0 where the program was started without `--expose-gc`. */
  readonly heapMb: number
  readonly records: number
  readonly unsent: number
  readonly onTheWay: number
  readonly timers: number
  /** The spool's file, MB. */
  readonly fileMb: number
}

export interface SoakOptions {
  readonly path: string
  readonly seconds: number
  readonly lookEveryS: number
  readonly fitted?: readonly FittedChip[] | undefined
  readonly limitBytes?: number
  /** As fine as the quickest sensor is read; 40 unless told. */
  readonly beatMs?: number
  /** Of each hour the network is away for the last so many minutes. */
  readonly minutesOffline?: number
}

/** The whole agent on emulated sensors with a real spool, as fast as it goes: time is moved by hand, the network is a model of the server. */
export async function soakAgent(options: SoakOptions): Promise<{ readonly readings: readonly SoakReading[]; readonly missing: number; readonly stored: number }> {
  const clock = manualClock(Date.UTC(2026, 5, 1))
  const recordings = openRecordings()
  const board = createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1, ...(options.fitted && { fitted: options.fitted }) })
  const store = openSqliteSpool({ path: options.path, synchronous: 'normal', ...(options.limitBytes !== undefined && { limitBytes: options.limitBytes }) })
  const server = countingServer()
  let handlers: LinkHandlers | undefined
  let connected = false
  const link = modelLink({ isConnected: () => connected, onStart: (one) => (handlers = one), hear: (text) => server.receive(text) })
  const agent = benchedAgent({ clock, bus: board.bus, store, link, sensors: options.fitted })
  const started = agent.start()
  const readings: SoakReading[] = []
  for (let second = 1; second <= options.seconds; second += 1) {
    await pass(clock, options.beatMs ?? BEAT_MS)
    const was = connected
    connected = isOnline(second, options.minutesOffline)
    visit({ second, was, online: connected, handlers, receipt: () => server.receipt(store.epoch), now: () => clock.now() })
    if (second % options.lookEveryS === 0) readings.push({ ...look(second, agent.status().spool, clock.pending(), store.kept()), fileMb: statSync(options.path).size / 1e6 })
  }
  await started
  const { lastSeq } = agent.status().spool
  const stored = server.stored()
  const stopped = agent.stop()
  await pass(clock, BEAT_MS)
  await stopped
  return { readings, stored, missing: lastSeq - stored }
}

interface Visit {
  readonly second: number
  readonly was: boolean
  readonly online: boolean
  readonly handlers: LinkHandlers | undefined
  readonly receipt: () => Receipt
  readonly now: () => number
}

const isOnline = (second: number, minutesOffline = 0): boolean => 60 - Math.floor((second % 3_600) / 60) > minutesOffline

/** What the network and the server do in a second. */
function visit({ second, was, online, handlers, receipt, now }: Visit): void {
  if (online && !was) handlers?.online()
  if (!online && was) handlers?.offline()
  if (!online) return
  handlers?.receipt(receipt())
  if (second % 10 === 0) handlers?.serverTime(now())
}

type Benched = Pick<AgentOptions, 'clock' | 'bus' | 'store' | 'link' | 'sensors'>

function benchedAgent({ clock, bus, store, link, sensors }: Benched): Agent {
  const signals = createSensorSignals('ventilated')
  return createAgent({
    clock,
    random: () => 0.5,
    bus,
    registry: sensorRegistry,
    sensors,
    store,
    rollUp: minuteRollUp,
    link,
    vitalSigns: signals.vitalSigns,
    adjustLeds: (leds) => signals.adjustLeds(leds),
    documents: { commands: memoryDocument(), config: memoryDocument(), sensors: memoryDocument() },
    indicator: { kind: 'LED', set: () => {} },
    identity: { mode: 'test', firmware: '0', hardware: 'bench' },
    log: () => {},
  })
}

interface ModelLink {
  readonly isConnected: () => boolean
  readonly onStart: (handlers: LinkHandlers) => void
  readonly hear: (text: string) => void
}

function modelLink({ isConnected, onStart, hear }: ModelLink): Link {
  return {
    start: onStart,
    stop: async () => {},
    publish(channel, payload, { settled } = {}) {
      if (!isConnected()) return
      if (channel === 'tele' || channel === 'backlog' || channel === 'event') hear(payload)
      settled?.()
    },
    publishWave: () => {},
    status: () => ({ connected: isConnected(), why: isConnected() ? undefined : 'no network', cuts: 0, unreadable: 0, wavesDropped: 0 }),
  }
}

const BEAT_MS = 40

/** One second, beat by beat: what a beat has begun is finished before the next. */
async function pass(clock: ManualClock, beatMs: number): Promise<void> {
  for (let ms = 0; ms < 1_000; ms += beatMs) {
    clock.advance(beatMs)
    await turn()
  }
}

function look(second: number, { unsent, onTheWay }: { unsent: number; onTheWay: number }, timers: number, kept: readonly (readonly [number, number])[]): Omit<SoakReading, 'fileMb'> {
  globalThis.gc?.()
  const records = kept.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  return { second, heapMb: globalThis.gc ? process.memoryUsage().heapUsed / 1e6 : 0, records, unsent, onTheWay, timers }
}
