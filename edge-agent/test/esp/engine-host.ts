import type { EmulatedBus } from '../../src/sim/emulated-bus.ts'
import { createSimulatedBoard } from '../../src/sim/simulated-board.ts'
import { openRecordings } from '../../src/sim/recording-files.ts'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { modelServer, type ModelServer } from '../support/model-server.ts'
import type { EngineBoard, EngineHost } from './engine-entry.ts'

/** The world around an engine: a patient on emulated sensors, time, and a server that receipts. */
export interface EngineWorld {
  readonly host: EngineHost
  /** Everything the board published, topic and text, in order. */
  readonly published: readonly string[]
  readonly heard: readonly string[]
  readonly server: ModelServer
  /** Connects the board that runs in the engine. `drain` lets the engine finish what it has begun. */
  run(board: EngineBoard, seconds: number, drain: () => void | Promise<void>): Promise<void>
}

const CONNACK = 2
const PUBACK = 4
const SUBSCRIBE = 8
const SUBACK = 9
const RECEIPT_EVERY_MS = 1_000
const topic = (channel: string): string => `vitals/1/main/board-1/${channel}`

interface Due {
  readonly everyMs: number | undefined
  atMs: number
  readonly run: (board: EngineBoard) => void
}

export function engineWorld(): EngineWorld {
  const clock: ManualClock = manualClock()
  const recordings = openRecordings()
  const patient = createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1 })
  const bus: EmulatedBus = patient.bus
  const server = modelServer()
  const published: string[] = []
  const heard: string[] = []
  const due = new Map<number, Due>()
  // What the server says comes after what it heard, never within it.
  let own = -1
  const later = (run: (board: EngineBoard) => void, delayMs = 0): void => void due.set(own--, { everyMs: undefined, atMs: clock.monotonic() + delayMs, run })

  const say = (channel: string, text: string): void => later((board) => board.mqttMessage(topic(channel), text))
  const host: EngineHost = {
    i2cWrite: (address, bytes) => bus.exchange(address, new Uint8Array(bytes), 0) !== undefined,
    i2cRead: (address, count) => bus.exchange(address, undefined, count)?.slice().buffer,
    setTimer: (id, delayMs) => void due.set(id, { everyMs: undefined, atMs: clock.monotonic() + delayMs, run: (board) => board.fire(id) }),
    repeatTimer: (id, everyMs) => void due.set(id, { everyMs, atMs: clock.monotonic() + everyMs, run: (board) => board.fire(id) }),
    clearTimer: (id) => void due.delete(id),
    ticks: () => clock.monotonic(),
    mqttOpen: () => later((board) => board.mqttControl(CONNACK, 0), 20),
    mqttWrite(to, text, id) {
      if (to === '') return later((board) => board.mqttControl(Number(text) === SUBSCRIBE ? SUBACK : 0, id))
      published.push(`${to} ${text}`)
      later((board) => board.mqttControl(PUBACK, id))
      const channel = to.split('/').slice(4).join('/')
      if (channel === 'tele' || channel === 'backlog' || channel === 'event') server.receive(channel, text)
      if (channel === 'state') {
        const { e, upto } = JSON.parse(text) as { e: string; upto: number }
        say('receipt', JSON.stringify(server.answerOnline(e, upto)))
        const receipts = (board: EngineBoard): void => board.mqttMessage(topic('receipt'), JSON.stringify(server.receiptFor(e)))
        due.set(own--, { everyMs: RECEIPT_EVERY_MS, atMs: clock.monotonic() + RECEIPT_EVERY_MS, run: receipts })
      }
    },
    heard: (event) => void heard.push(event),
  }

  return {
    host,
    published,
    heard,
    server,
    async run(board, seconds, drain) {
      const untilMs = clock.monotonic() + 1_000 * seconds
      await drain()
      for (;;) {
        let next: [number, Due] | undefined
        for (const one of due) if (!next || one[1].atMs < next[1].atMs) next = one
        if (!next || next[1].atMs > untilMs) break
        const [id, timer] = next
        if (timer.atMs > clock.monotonic()) clock.advance(timer.atMs - clock.monotonic())
        if (timer.everyMs === undefined) due.delete(id)
        else timer.atMs += timer.everyMs
        timer.run(board)
        await drain()
      }
    },
  }
}
