import type { Benchmark, Side } from '../framework/benchmark.ts'
import { startFleet } from '../load/fleet.ts'
import { familyCpuS } from '../stage/child.ts'
import { startDurableLane } from '../stage/durable-lane.ts'

const SECONDS = 15
const ADDRESSES = 20

/** Boards with one object a second each: processor time of broker, bridge and PostgreSQL together, in seconds a second. */
function wardOf(devices: number): Side {
  return {
    name: `${devices}-boards`,
    async start(stage) {
      const { port, boards, broker, bridge } = await startDurableLane(stage, devices)
      const postgres = await stage.postgres()
      const fleet = startFleet(stage)
      await fleet.ask({ do: 'connect', port, boards, receipts: true, addresses: ADDRESSES })
      const cpuS = () => (broker?.cpuS() ?? 0) + bridge.cpuS() + familyCpuS(postgres.server.pid)
      return {
        async run() {
          const before = cpuS()
          const { seconds } = await fleet.ask({ do: 'pace', perSecond: devices, seconds: stage.scaled(SECONDS) })
          return { cpuPerS: (cpuS() - before) / seconds }
        },
      }
    },
  }
}

export const growth: Benchmark = {
  name: 'growth',
  what: 'boards at 1 Hz, and ten times as many',
  warmUp: 1,
  sides: [wardOf(500), wardOf(5_000)],
  targets: [{ says: 'processor time for ten times the boards', of: '5000-boards.cpuPerS', to: '500-boards.cpuPerS', atMost: 12 }],
  runLimitMs: 120_000,
}
