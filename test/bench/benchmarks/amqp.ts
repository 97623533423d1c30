import { AppError, topicOf } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import rhea, { type Message } from 'rhea'
import type { Benchmark, Side } from '../framework/benchmark.ts'
import { startAmqpQueue } from '../load/amqp-queue.ts'
import { makeRegistry, startBroker } from '../stage/durable-lane.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'
import { checkpoint } from './ingest-sides.ts'

const DEVICES = 50
const MESSAGES = 40_000
let runs = 0

/** One object each, about 120 bytes; numbers of an epoch of their own, so that no run repeats another's. */
function messages(devices: readonly string[], count: number, epoch: string): Message[] {
  // Of the last minute: what is older is packed away while it is counted.
  const since = systemClock.now() - 60_000
  return Array.from({ length: count }, (_, i) => {
    const device = devices[i % devices.length] as string
    const s = Math.floor(i / devices.length) + 1
    const object = { e: epoch, s, t: since + s * 10, m: { pr: 60 + (i % 60), spo2: 97.5, pi: 2.5, temp: 36.8, rr: 15 } }
    return { durable: true, application_properties: { topic: topicOf({ site: 'main', device }, 'backlog') }, body: rhea.message.data_section(Buffer.from(JSON.stringify(object))) }
  })
}

const direct: Side = {
  name: 'rhea',
  async start(stage) {
    const queue = await startAmqpQueue()
    stage.onEnd(() => queue.stop())
    await stage.ours('rhea', 'test/bench/peers/amqp-receiver-program.ts', {}, [String(queue.port)])
    const devices = Array.from({ length: DEVICES }, (_, i) => `bench-${i}`)
    return {
      async run() {
        const all = messages(devices, stage.scaled(MESSAGES), `r${++runs}`)
        return { perSecond: all.length / (await queue.handOut(all)) }
      },
    }
  },
}

const bridge: Side = {
  name: 'vigil',
  async start(stage: Stage) {
    const registry = await makeRegistry(stage, DEVICES)
    const { port } = await startBroker(stage, registry)
    const queue = await startAmqpQueue()
    stage.onEnd(() => queue.stop())
    const amqp = { VIGIL_BRIDGE_MODE: 'amqp', VIGIL_AMQP_URL: `amqp://127.0.0.1:${queue.port}`, VIGIL_AMQP_QUEUE: 'vitals', VIGIL_AMQP_PORT: '0', VIGIL_MLLP_PORT: '0' }
    const env = { DATABASE_URL: registry.databaseUrl, VIGIL_DATA: registry.dataDir, VIGIL_LOG_LEVEL: 'warn', VIGIL_MQTT_URL: `mqtt://127.0.0.1:${port}`, VIGIL_BRIDGE_HEALTH_PORT: '0', ...amqp }
    const program = await stage.ours('bridge', 'ingest-bridge/src/cli/main.ts', env)
    const devices = registry.boards.map(({ id }) => id)
    return {
      async run() {
        await query(registry.databaseUrl, 'truncate sample')
        await checkpoint(stage)
        const epoch = `r${++runs}`
        const all = messages(devices, stage.scaled(MESSAGES), epoch)
        const before = program.cpuS()
        const seconds = await queue.handOut(all)
        const [row] = await query<{ n: string }>(registry.databaseUrl, 'select count(*) as n from sample s join ledger l on l.no = s.ledger_no where l.epoch = $1', [epoch])
        if (Number(row?.n) !== all.length) throw new AppError('INTERNAL', `${row?.n} rows stored of ${all.length} that were accepted`)
        return { perSecond: all.length / seconds, bridgeCpuUs: ((program.cpuS() - before) / all.length) * 1e6 }
      },
    }
  },
}

export const amqp: readonly Benchmark[] = [
  {
    name: 'amqp-in',
    what: 'messages from an AMQP 1.0 queue, credit 1,000, accepted after COMMIT, beside a receiver that only accepts',
    warmUp: 3,
    sides: [bridge, direct],
    targets: [{ says: 'messages/s against rhea that stores nothing', of: 'vigil.perSecond', to: 'rhea.perSecond', atLeast: 0.8 }],
  },
]
