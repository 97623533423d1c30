import { createSimulatedBoard, logIndicator, openBoardAgent, type Agent, type AgentLog, type RecordingLibrary, type SpoolStore } from '@vigil/edge-agent'
import type { Clock } from '@vigil/contract'
import { type BedPlan, noteOf } from './bed-plan.ts'
import { type BedFacts, filesOf, type KnownBed, REFERENCE_HEART_RATE } from './demo-files.ts'
import { historyOf } from './history.ts'
import { createScenarioPlayer } from './scenarios.ts'

export interface DemoBoardOptions {
  readonly plan: BedPlan
  readonly known: KnownBed
  readonly library: RecordingLibrary
  readonly url: string
  readonly ca: string | undefined
  readonly folder: string
  readonly historyHours: number
  /** Cuts every board of the ward off the broker for so long; absent where that cannot be played. */
  readonly cutBroker?: ((forMs: number) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: AgentLog
}

export interface DemoBoard {
  readonly agent: Agent
  readonly facts: BedFacts
}

const HOUR_MS = 3_600_000
/** A day of history and a week of life at one object a second, and room to spare. */
const SPOOL_LIMIT_BYTES = 200 * 1024 * 1024
const BATCH = 500

/** One bed's board: the agent of every board, with emulated sensors under it. */
export function openDemoBoard(options: DemoBoardOptions): DemoBoard {
  const { plan, known, library, url, ca, folder, historyHours, cutBroker, clock, random, log } = options
  const pulse = library.pulse(plan.pulse)
  const mask = plan.mask === undefined ? undefined : library.mask(plan.mask)
  const startedAtMs = clock.now()
  const { startOffsetS, ratioOfRatios, baseTempCel, thermometer, seed } = plan
  const player = createScenarioPlayer({ clock, baseTempCel, hasMask: mask !== undefined, cutBroker })
  const board = createSimulatedBoard({ clock, pulse, mask, startOffsetS, ratioOfRatios, baseTempCel, thermometer, seed, disturbance: player.disturbance })
  player.attach(board)
  let history: BedFacts['history'] = null

  const agent = openBoardAgent({
    address: { site: known.site, device: known.device },
    url,
    secret: known.secret,
    ...(ca !== undefined && { ca }),
    folder,
    bus: board.bus,
    indicator: logIndicator(log),
    commands: [player.command],
    identity: { mode: 'demo', firmware: 'demo', hardware: 'simulated board', note: noteOf(plan, historyHours) },
    clock,
    random,
    log: (event, facts) => log(event, { device: known.device, ...facts }),
    // Demo data: what a power cut of the server takes of it is no loss to anyone, and a ward of boards shares one disk.
    synchronous: 'normal',
    spoolLimitBytes: SPOOL_LIMIT_BYTES,
    prepareSpool: (store) => {
      if (store.lastSeq() > 0 || historyHours === 0) return store
      history = { fromMs: startedAtMs - historyHours * HOUR_MS, toMs: startedAtMs, synthetic: true }
      fill(store, historyOf({ plan, pulse, mask, ...history }))
      return store
    },
  })
  return {
    agent,
    facts: {
      device: known.device,
      bed: plan.bed.id,
      startedAtMs,
      startOffsetS,
      recording: { pulse: plan.pulse, mask: plan.mask ?? null, ...filesOf(plan) },
      referenceHeartRate: REFERENCE_HEART_RATE,
      ratioOfRatios,
      spo2: Number(board.truth(clock.monotonic()).spo2.toFixed(1)),
      baseTempCel,
      breathsPerMinute: mask?.breathsPerMinute ?? null,
      history,
    },
  }
}

/** Into the spool as if the board had recorded it and had been without a network: it leaves by the backlog lane. */
function fill(store: SpoolStore, records: Iterable<Parameters<SpoolStore['append']>[0][number]>): void {
  let batch: Parameters<SpoolStore['append']>[0][number][] = []
  for (const record of records) {
    batch.push(record)
    if (batch.length < BATCH) continue
    store.append(batch)
    batch = []
  }
  if (batch.length > 0) store.append(batch)
}
