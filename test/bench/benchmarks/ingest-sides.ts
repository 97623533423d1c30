import { AppError } from '@vigil/contract'
import type { Measures, Side } from '../framework/benchmark.ts'
import { type Fleet, startFleet } from '../load/fleet.ts'
import { cpuOf, familyCpuS } from '../stage/child.ts'
import { type DurableLane, makeRegistry, startBridge, startDurableLane } from '../stage/durable-lane.ts'
import { startMosquitto } from '../stage/mosquitto.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'

export interface Load {
  readonly devices: number
  /** Messages of one run. */
  readonly messages: number
  /** Telemetry objects in each message. */
  readonly batch: number
}

const WINDOW = 20
/** The protocol's bound for one board, less where the boards together would outgrow the bridge's room of 20,000 objects. */
const MOST_UNRECEIPTED = 500
const ALL_UNRECEIPTED = 15_000

/** Boards, our broker, our bridge, each a program of its own: from the first byte out to the last receipt in. */
export function throughOurBroker(load: Load, name = 'vigil'): Side {
  return { name, start: async (stage) => lane(stage, await startDurableLane(stage, load.devices), load) }
}

/** The same with Mosquitto in the broker's place. */
export function throughMosquitto(load: Load, name = 'mosquitto'): Side {
  return {
    name,
    async start(stage) {
      const registry = await makeRegistry(stage, load.devices)
      const { port, program: broker } = await startMosquitto(stage)
      return lane(stage, { ...registry, port, broker, bridge: await startBridge(stage, registry, port) }, load)
    },
  }
}

async function lane(stage: Stage, running: DurableLane, load: Load): Promise<{ run(): Promise<Measures> }> {
  const { port, boards, databaseUrl, broker, bridge } = running
  const fleet = startFleet(stage)
  const postgres = await stage.postgres()
  await fleet.ask({ do: 'connect', port, boards, receipts: true })
  return {
    async run() {
      await query(databaseUrl, 'truncate sample')
      await checkpoint(stage)
      const cpuS = () => ({ broker: broker?.cpuS() ?? 0, bridge: bridge.cpuS(), postgres: familyCpuS(postgres.server.pid), boards: cpuOf(fleet.pid) })
      const before = cpuS()
      const measured = await publishAll(fleet, stage, load)
      const after = cpuS()
      await assertStored(databaseUrl, measured)
      const perObject = (who: keyof typeof after) => ((after[who] - before[who]) / measured.objects) * 1e6
      // The load generator's share is shown because it is missing to the others.
      return { perSecond: measured.objects / measured.seconds, brokerCpuUs: perObject('broker'), bridgeCpuUs: perObject('bridge'), postgresCpuUs: perObject('postgres'), boardsCpuUs: perObject('boards') }
    },
  }
}

async function publishAll(fleet: Fleet, stage: Stage, { devices, messages, batch }: Load) {
  return fleet.ask({
    do: 'publish',
    messages: stage.scaled(messages),
    batch,
    window: WINDOW,
    unreceipted: Math.max(batch, Math.min(MOST_UNRECEIPTED, Math.floor(ALL_UNRECEIPTED / devices))),
  })
}

/** A receipt is a promise; a benchmark that did not look would measure promises. */
async function assertStored(databaseUrl: string, { objects, epoch }: { objects: number; epoch: string }): Promise<void> {
  const [row] = await query<{ n: string }>(databaseUrl, 'select count(*) as n from sample s join ledger l on l.no = s.ledger_no where l.epoch = $1', [epoch])
  if (Number(row?.n) !== objects) throw new AppError('INTERNAL', `${row?.n} rows stored of ${objects} that have receipts`)
}

/** Written-out pages before each run, so that runs are like each other. */
export async function checkpoint(stage: Stage): Promise<void> {
  await query((await stage.postgres()).server.superuserUrl, 'checkpoint')
}
