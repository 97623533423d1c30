import { AppError } from '@vigil/contract'
import { freePort, until } from '@vigil/ops/testing'
import type { Benchmark, Side } from '../framework/benchmark.ts'
import { makeRegistry, startBroker } from '../stage/durable-lane.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'
import { checkpoint } from './ingest-sides.ts'

const MESSAGES = 40_000
const PEER_MESSAGES = 1_000
const WINDOW = 1_000
const STORED_WITHIN_MS = 40_000
let runs = 0

/** Sends from one connection and answers messages per second, from the first byte out to the last acknowledgement in. */
async function send(stage: Stage, port: number, count: number, window: number): Promise<{ perSecond: number; run: string }> {
  const run = `R${++runs}`
  const sender = await stage.ours('hl7-sender', 'test/bench/load/hl7-sender-program.ts', {}, [String(port), String(count), String(window), run])
  const { seconds, bad } = sender.ready as { seconds: number; bad: number }
  if (bad > 0) throw new AppError('INTERNAL', `${bad} of ${count} answers were not the right ones`)
  return { perSecond: count / seconds, run }
}

const bridge: Side = {
  name: 'vigil',
  async start(stage) {
    const registry = await makeRegistry(stage, 1)
    const { port } = await startBroker(stage, registry)
    const mllpPort = await freePort()
    const env = { DATABASE_URL: registry.databaseUrl, VIGIL_DATA: registry.dataDir, VIGIL_LOG_LEVEL: 'warn', VIGIL_MQTT_URL: `mqtt://127.0.0.1:${port}`, VIGIL_BRIDGE_HEALTH_PORT: '0', VIGIL_AMQP_PORT: '0', VIGIL_MLLP_PORT: String(mllpPort) }
    const program = await stage.ours('bridge', 'ingest-bridge/src/cli/main.ts', env)
    const stored = async () => {
      const [row] = await query<{ n: string; open: string }>(registry.databaseUrl, 'select (select count(*) from sample)::text as n, (select count(*) from hl7_message where not done)::text as open')
      return { n: Number(row?.n), open: Number(row?.open) }
    }
    return {
      async run() {
        await query(registry.databaseUrl, 'truncate sample, hl7_message')
        await checkpoint(stage)
        const count = stage.scaled(MESSAGES)
        const cpuBefore = program.cpuS()
        const { perSecond } = await send(stage, mllpPort, count, WINDOW)
        // What was acknowledged must also be history soon: every message a row with its six values.
        await until('every message is stored as a sample', STORED_WITHIN_MS, async () => { const now = await stored(); return now.n === count && now.open === 0 ? true : undefined })
        return { perSecond, bridgeCpuUs: ((program.cpuS() - cpuBefore) / count) * 1e6 }
      },
    }
  },
}

const insertPerRow: Side = {
  name: 'insert',
  async start(stage) {
    const databaseUrl = await (await stage.postgres()).createEmptyDatabase()
    const program = await stage.ours('hl7-insert', 'test/bench/peers/hl7-insert-program.ts', {}, ['0', databaseUrl])
    return {
      async run() {
        const { perSecond } = await send(stage, Number(program.ready['port']), stage.scaled(PEER_MESSAGES), 1)
        return { perSecond }
      },
    }
  },
}

export const hl7: readonly Benchmark[] = [
  {
    name: 'hl7-in',
    what: 'ORU^R01 of six values from one connection, 1,000 unanswered at most, acknowledged after COMMIT, beside one INSERT per row without pipelining',
    sides: [bridge, insertPerRow],
    targets: [
      { says: 'messages/s committed and acknowledged', of: 'vigil.perSecond', atLeast: 2_000 },
      { says: 'against one INSERT per row, one message at a time', of: 'vigil.perSecond', to: 'insert.perSecond', atLeast: 20 },
    ],
  },
]
