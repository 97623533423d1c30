import { pause, systemClock } from '@vigil/program'
import { until } from '@vigil/ops/testing'
import type { Benchmark, Side } from '../framework/benchmark.ts'
import { startFleet } from '../load/fleet.ts'
import { familyCpuS } from '../stage/child.ts'
import { startDurableLane } from '../stage/durable-lane.ts'
import { query } from '../stage/sql.ts'

/** Each board's whole minute: what is rolled up then is as full as in a ward. */
const SECONDS = 60
const IDLE_MS = 5_000
const ADDRESSES = 20
/** A minute is rolled up when it is over. */
const DONE_WITHIN_MS = 400_000
const US_PER_S = 1_000_000

/**
 * Boards with one object a second each: processor time of broker, bridge and PostgreSQL together, in seconds a second, until everything is committed
 * and rolled up, so that none of it falls into the run of the other side; without what they need when the connected boards say nothing.
 */
function wardOf(devices: number): Side {
  return {
    name: `${devices}-boards`,
    async start(stage) {
      const { port, boards, broker, bridge, databaseUrl } = await startDurableLane(stage, devices)
      const postgres = await stage.postgres()
      const fleet = startFleet(stage)
      await fleet.ask({ do: 'connect', port, boards, receipts: true, addresses: ADDRESSES })
      const cpuS = () => (broker?.cpuS() ?? 0) + bridge.cpuS() + familyCpuS(postgres.server.pid)
      const measured = async <T>(run: () => Promise<T>) => {
        const [cpuBefore, beganAt] = [cpuS(), systemClock.monotonic()]
        const answer = await run()
        return { answer, cpuS: cpuS() - cpuBefore, seconds: (systemClock.monotonic() - beganAt) / 1_000 }
      }
      return {
        async run() {
          const idle = await measured(() => pause(systemClock, IDLE_MS))
          const work = await measured(async () => {
            const paced = await fleet.ask({ do: 'pace', perSecond: devices, seconds: stage.scaled(SECONDS) })
            await until('everything to be committed and rolled up', DONE_WITHIN_MS, () => isDone(databaseUrl, paced.epoch, paced.objects))
            return paced
          })
          const idleCpuPerS = idle.cpuS / idle.seconds
          const spentS = work.cpuS - idleCpuPerS * work.seconds
          return { cpuPerS: spentS / work.answer.seconds, usPerObject: (spentS * US_PER_S) / work.answer.objects, idleCpuPerS }
        },
      }
    },
  }
}

/** Counted once all is rolled up, so that the asking costs nothing. */
async function isDone(databaseUrl: string, epoch: string, objects: number): Promise<true | undefined> {
  const [row] = await query<{ done: boolean }>(databaseUrl, 'select case when exists (select from rollup_dirty) then false else (select count(*) from sample s join ledger l on l.no = s.ledger_no where l.epoch = $1) >= $2 end as done', [epoch, objects])
  await pause(systemClock, 1_000)
  return row?.done ? true : undefined
}

export const growth: Benchmark = {
  name: 'growth',
  what: 'boards at 1 Hz, and ten times as many',
  sides: [wardOf(500), wardOf(5_000)],
  targets: [{ says: 'processor time for ten times the boards', of: '5000-boards.cpuPerS', to: '500-boards.cpuPerS', atMost: 12 }],
  runLimitMs: 480_000,
}
