import { pause, systemClock } from '@vigil/program'
import { freePort } from '@vigil/ops/testing'
import type { Benchmark, Contestant, Side } from '../framework/benchmark.ts'
import { startFleet } from '../load/fleet.ts'
import type { Board } from '../load/orders.ts'
import type { Program } from '../stage/child.ts'
import { makeBoards, makeRegistry, startBroker } from '../stage/durable-lane.ts'
import type { Stage } from '../stage/stage.ts'

const CONNECTIONS = 10_000
/** A process has some 28,000 ports of its own for each address; and our broker holds one address to its rate. */
const ADDRESSES = 20
const AT_ONCE = 1_000
/** What connecting leaves behind is collected by then. */
const SETTLE_MS = 5_000

/** A fresh broker for each run: boards connect, subscribe to their receipts and say nothing; then the network breaks for all of them at once. */
function idleAt(stage: Stage, boards: readonly Board[], start: () => Promise<{ broker: Program; port: number }>): Contestant {
  return {
    async run() {
      const { broker, port } = await start()
      const fleet = startFleet(stage)
      try {
        const before = broker.rssBytes()
        await fleet.ask({ do: 'connect', port, boards, receipts: true, addresses: ADDRESSES })
        await pause(systemClock, SETTLE_MS)
        const bytesEach = (broker.rssBytes() - before) / boards.length
        await fleet.ask({ do: 'drop' })
        await pause(systemClock, SETTLE_MS)
        const cpuBefore = broker.cpuS()
        const { seconds, again } = await fleet.ask({ do: 'connect', port, boards, receipts: true, addresses: ADDRESSES, atOnce: AT_ONCE })
        return { kbEach: bytesEach / 1_024, reconnectS: seconds, reconnectCpuS: broker.cpuS() - cpuBefore, turnedAway: again }
      } finally {
        await fleet.end()
        await broker.stop()
      }
    },
  }
}

const vigil: Side = {
  name: 'vigil',
  async start(stage) {
    const registry = await makeRegistry(stage, stage.scaled(CONNECTIONS))
    return idleAt(stage, registry.boards, () => startBroker(stage, registry))
  },
}

const aedes: Side = {
  name: 'aedes',
  start: async (stage) =>
    idleAt(stage, makeBoards(stage.scaled(CONNECTIONS)), async () => {
      const port = await freePort()
      return { port, broker: await stage.ours('aedes', 'test/bench/peers/stock-aedes-program.ts', {}, [String(port)]) }
    }),
}

export const connections: Benchmark = {
  name: 'connections',
  what: `${CONNECTIONS.toLocaleString('en-GB')} boards that are connected, subscribed and silent`,
  sides: [vigil, aedes],
  targets: [
    { says: 'memory of one (KB)', of: 'vigil.kbEach', atMost: 25 },
    { says: 'memory against stock Aedes', of: 'vigil.kbEach', to: 'aedes.kbEach', atMost: 1 },
    { says: 'all back after a break (s)', of: 'vigil.reconnectS', atMost: 6 },
  ],
  runLimitMs: 180_000,
}
