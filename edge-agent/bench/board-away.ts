import { cpSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { pause, systemClock } from '@vigil/program'
import { type Agent, createAgent } from '../src/core/agent.ts'
import type { I2cBus } from '../src/bus/i2c.ts'
import type { Measurement, VitalSigns } from '../src/core/measurement.ts'
import type { Link } from '../src/link/link.ts'
import { mqttLink } from '../src/link/mqtt-link.ts'
import { jsonDocument } from '../src/platform/json-document.ts'
import { sensorRegistry } from '../src/sensors/registry.ts'
import { openRecordings } from '../src/sim/recording-files.ts'
import { createSimulatedBoard, type FittedChip, type SimulatedBoard } from '../src/sim/simulated-board.ts'
import { openSqliteSpool } from '../src/spool/open-sqlite-spool.ts'
import { minuteRollUp } from '../src/spool/roll-up.ts'
import type { SpoolStore } from '../src/spool/spool-store.ts'
import { passing } from '../test/support/passing.ts'

/** Sensors that are asked for a value: read from their registers at their own rates. */
const polled: readonly FittedChip[] = [
  { model: 'tmp117', address: 0x48 },
  { model: 'mlx90614', address: 0x5a },
  { model: 'ccs811', address: 0x5b },
  { model: 'scd4x', address: 0x62 },
]

/** Everything that is computed from streams of samples, in the n-th second the signals gave: no two seconds of a week are alike. */
export function streamed(n: number): Measurement {
  const m = { pr: 48 + (n % 89), spo2: 90 + (n % 97) / 10, pi: 0.5 + (n % 53) / 10, rrppg: 10 + (n % 13), rr: 11 + (n % 17), paw: 5 + (n % 31) / 10, pip: 18 + (n % 7) / 10, peep: 5 + (n % 11) / 10, pamb: 1_000 + (n % 211) / 10 }
  const noFinger = n % 3_600 >= 3_540
  const { pr: _pr, spo2: _spo2, pi: _pi, rrppg: _rrppg, ...mask } = m
  return noFinger ? { m: mask, q: {}, x: { pr: 'off', spo2: 'off', pi: 'off', rrppg: 'off' }, sq: { rr: 97 } } : { m, q: {}, x: {}, sq: { pr: 60 + (n % 40), spo2: 80, rr: 97 } }
}

/** What a board is given over all its starts, told by the world around it: `given` is what the sensors gave, and when. */
export interface BoardAway {
  epoch(): string
  /** Time of every second in which the signals gave something, ms since 1970; the n-th gave `streamed(n)`. */
  readonly given: readonly number[]
  /** Lets so many seconds pass, one turn of the event loop each. */
  measure(seconds: number): Promise<void>
  /** Ends this start in order and begins another. */
  restart(): Promise<void>
  /** The plug is pulled: what is on the disk at this moment is what the next start finds. */
  pullPlug(): Promise<void>
  /** The network is there: goes on measuring until what waited is receipted, then measures no more and delivers the rest. */
  deliver(way: Way): Promise<void>
  /** Of the spool's file, as large as it ever was. */
  fileBytes(): number
  status(): ReturnType<Agent['status']>['spool']
  close(): Promise<void>
}

export interface Way {
  readonly device: string
  readonly url: string
  readonly secret: string
}

export interface BoardAwayOptions {
  readonly folder: string
  readonly startMs: number
  readonly limitBytes: number
}

/** The agent's core with its spool on a disk and no network, as fast as it goes: time is moved by hand, and what the signals give is written down beside it. */
export async function boardAway({ folder, startMs, limitBytes }: BoardAwayOptions): Promise<BoardAway> {
  const clock = manualClock(startMs)
  const { bus } = simulatedBoard(clock)
  const given: number[] = []
  const vitalSigns = {
    push: () => {},
    second: () => {
      given.push(clock.now())
      return streamed(given.length - 1)
    },
  }
  let starts = 0
  let largest = 0
  let running: Running

  /** Each start has a folder of its own: what an earlier one may still write is not read. */
  const begin = async (from?: string, way?: Way): Promise<void> => {
    const home = join(folder, String(starts))
    starts += 1
    if (from !== undefined) cpSync(from, home, { recursive: true, filter: (name) => !name.endsWith('.lock') })
    running = open({ home, limitBytes, clock, bus, vitalSigns, way })
    await passing(clock, running.agent.start(), STEP_MS)
  }
  const here = (): string => join(folder, String(starts - 1))
  const end = (): Promise<void> => passing(clock, running.agent.stop(), STEP_MS)
  const startAgain = async (way?: Way): Promise<void> => {
    await end()
    await begin(here(), way)
  }

  await begin()
  return {
    epoch: () => running.store.epoch,
    given,
    async measure(seconds) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000)
        await turn()
      }
      largest = Math.max(largest, statSync(running.path).size)
    },
    restart: () => startAgain(),
    async pullPlug() {
      const image = join(folder, 'plug')
      cpSync(here(), image, { recursive: true })
      await end()
      await begin(image)
    },
    async deliver(way) {
      await startAgain(way)
      await handOver(clock, running.agent, STILL_LIVE)
      running.agent.quiet()
      await handOver(clock, running.agent, 0)
    },
    fileBytes: () => largest,
    status: () => running.agent.status().spool,
    close: end,
  }
}

interface Running {
  readonly agent: Agent
  readonly store: SpoolStore
  readonly path: string
}

interface Opening {
  readonly home: string
  readonly limitBytes: number
  readonly clock: ManualClock
  readonly bus: I2cBus
  readonly vitalSigns: VitalSigns
  readonly way: Way | undefined
}

function open({ home, limitBytes, clock, bus, vitalSigns, way }: Opening): Running {
  const path = join(home, 'board.sqlite')
  const store = openSqliteSpool({ path, synchronous: 'normal', limitBytes })
  const agent = createAgent({
    clock,
    random: () => 0.5,
    bus,
    registry: sensorRegistry,
    sensors: polled,
    store,
    rollUp: minuteRollUp,
    link: way ? linkOf(way, store.epoch, clock) : noLink,
    vitalSigns,
    documents: { commands: jsonDocument(join(home, 'commands.json')), config: jsonDocument(join(home, 'config.json')), sensors: jsonDocument(join(home, 'sensors.json')) },
    indicator: { kind: 'LED', set: () => {} },
    identity: { mode: 'test', firmware: '0', hardware: 'bench' },
    log: () => {},
  })
  return { agent, store, path }
}

function simulatedBoard(clock: ManualClock): SimulatedBoard {
  const recordings = openRecordings()
  return createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1, fitted: polled })
}

const STEP_MS = 20
/** The board's time waits for receipts: otherwise a second of the network would be an hour of the board's, and everything would be sent again. */
const AHEAD_OF_RECEIPTS_MS = 4_000
/** As many as are always under way while one a second is measured. */
const STILL_LIVE = 8

async function handOver(clock: ManualClock, agent: Agent, waiting: number): Promise<void> {
  let last = agent.status().spool
  let movedAt = clock.monotonic()
  while (last.unsent > waiting) {
    const now = agent.status().spool
    if (now.upto !== last.upto || now.unsent < last.unsent || now.onTheWay === 0) movedAt = clock.monotonic()
    last = now
    if (clock.monotonic() - movedAt < AHEAD_OF_RECEIPTS_MS) {
      clock.advance(STEP_MS)
      await turn()
    } else await pause(systemClock, 1)
  }
}

/** The real link to a real broker. The board's days are seconds here, so what the server says the time is would be wrong for it. */
function linkOf({ device, url, secret }: Way, epoch: string, clock: ManualClock): Link {
  const link = mqttLink({ address: { site: 'main', device }, url, secret, clock: systemClock, random: () => 0.5, epoch, log: () => {} })
  return {
    start: (handlers) => link.start({ ...handlers, serverTime: () => handlers.serverTime(clock.now()) }),
    stop: () => link.stop(),
    publish: (channel, payload, options) => link.publish(channel, payload, options),
    publishWave: (channel, frame) => link.publishWave(channel, frame),
    status: () => link.status(),
  }
}

const noLink: Link = {
  start: () => {},
  stop: async () => {},
  publish: (_channel, _payload, { settled } = {}) => settled?.(),
  publishWave: () => {},
  status: () => ({ connected: false, why: 'no network', cuts: 0, unreadable: 0, wavesDropped: 0 }),
}
