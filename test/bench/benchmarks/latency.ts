import { until } from '@vigil/ops/testing'
import type { Benchmark, Side } from '../framework/benchmark.ts'
import { type CommittedAt, latencies, type Rate } from '../framework/latency.ts'
import { startFleet } from '../load/fleet.ts'
import { nodeRedAtRate } from '../peers/node-red.ts'
import { startDurableLane } from '../stage/durable-lane.ts'
import { query } from '../stage/sql.ts'

const rate: Rate = { devices: 50, perSecond: 2_000, seconds: 5 }
const STORED_WITHIN_MS = 55_000
const LOOK_EVERY_MS = 50
const COMMITTED_AT = `
select d.id as device, s.seq::int, extract(epoch from pg_xact_commit_timestamp(s.xmin)) * 1e6 as at
from sample s join ledger l on l.no = s.ledger_no join device d on d.no = s.device_no where l.epoch = $1`

const vigil: Side = {
  name: 'vigil',
  async start(stage) {
    const { port, boards, databaseUrl } = await startDurableLane(stage, rate.devices)
    const fleet = startFleet(stage)
    await fleet.ask({ do: 'connect', port, boards, receipts: true })
    return {
      async run() {
        await query(databaseUrl, 'truncate sample')
        const { objects, epoch, sentAtUs } = await fleet.ask({ do: 'pace', perSecond: rate.perSecond, seconds: stage.scaled(rate.seconds) })
        const committed = await until('everything is stored', STORED_WITHIN_MS, async () => {
          const rows = await query<CommittedAt & Record<string, unknown>>(databaseUrl, COMMITTED_AT, [epoch])
          return rows.length === objects ? rows : undefined
        }, LOOK_EVERY_MS)
        return latencies(sentAtUs, boards, committed)
      },
    }
  },
}

export const latency: Benchmark = {
  name: 'latency',
  what: `from the board to committed at ${rate.perSecond} messages a second of ${rate.devices} boards`,
  sides: [vigil, nodeRedAtRate(rate)],
  warmUp: 1,
  targets: [
    { says: 'half are committed within (ms)', of: 'vigil.p50Ms', atMost: 3 },
    { says: 'p99 against Node-RED', of: 'vigil.p99Ms', to: 'node-red.p99Ms', atMost: 0.5 },
  ],
}
