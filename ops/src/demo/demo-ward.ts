import type { Clock } from '@vigil/contract'
import { openRecordings, type Agent, type AgentLog, type RecordingLibrary } from '@vigil/edge-agent'
import type { StationClient } from '../station-api/station-client.ts'
import { planBeds, type BedPlan } from './bed-plan.ts'
import { openBrokerWay, type BrokerWay } from './broker-way.ts'
import { ensureAdmissions, ensureDevices, ensureStays, ensureWard } from './demo-api.ts'
import { openDemoBoard, type DemoBoard } from './demo-board.ts'
import { openDemoFiles, type KnownBed } from './demo-files.ts'

export interface DemoWardOptions {
  readonly beds: number
  readonly historyHours: number
  readonly dataDir: string
  readonly mqttUrl: string
  readonly mqttCa: string | undefined
  readonly api: StationClient
  readonly clock: Clock
  readonly random: () => number
  readonly log: AgentLog
}

export interface DemoWard {
  readonly agents: readonly Agent[]
  stop(): Promise<void>
}

const HOUR_MS = 3_600_000

/** Boards first, because a nurse looks at them; patients and stays follow while they connect. */
export async function startDemoWard(options: DemoWardOptions): Promise<DemoWard> {
  const { beds, historyHours, dataDir, api, clock } = options
  const files = openDemoFiles(dataDir)
  const library = openRecordings()
  const plans = planBeds(beds, library)
  const admittedAtMs = clock.now() - historyHours * HOUR_MS
  const known = await ensureDevices(api, plans, files)
  const way = await openBrokerWay(options.mqttUrl, clock)
  const boards = plans.map((plan) => openBoard(plan, known, library, files.folder, way, options))
  const stop = async (): Promise<void> => {
    await stopAll(boards)
    await way?.close()
  }
  try {
    files.writeWard({ note: 'Everything here is simulated; no value belongs to a patient.', beds: boards.map(({ facts }) => facts) })
    await Promise.all(boards.map(({ agent }) => agent.start()))
    await ensureStays(api, plans, known, await ensureWard(api, plans), admittedAtMs)
    await ensureAdmissions(api)
  } catch (error) {
    await stop()
    throw error
  }
  return { agents: boards.map(({ agent }) => agent), stop }
}

function openBoard(plan: BedPlan, known: ReadonlyMap<string, KnownBed>, library: RecordingLibrary, folder: string, way: BrokerWay | undefined, options: DemoWardOptions): DemoBoard {
  const { mqttUrl, mqttCa, historyHours, clock, random, log } = options
  return openDemoBoard({ plan, known: known.get(plan.device) as KnownBed, library, url: way?.url ?? mqttUrl, ca: mqttCa, folder, historyHours, cutBroker: way?.cut, clock, random, log })
}

async function stopAll(boards: readonly DemoBoard[]): Promise<void> {
  await Promise.all(boards.map(({ agent }) => agent.stop()))
}
