import type { Clock } from '@vigil/contract'
import type { HealthFact, Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import { startHousekeeping } from './closing/housekeeping.ts'
import type { RetentionDays } from './closing/retention.ts'
import { createDatabaseWatch, type DatabaseWatch } from './database-watch.ts'
import { createBridgeMetrics, type BridgeMetrics } from './metrics.ts'
import { Batcher } from './pipeline/batcher.ts'
import { createCommitter } from './pipeline/committer.ts'
import { createDecoder } from './pipeline/decode.ts'
import { createIntake, type Pending } from './pipeline/intake.ts'
import { createLiveLane, createPackLane } from './pipeline/live-lane.ts'
import { createRoom, type Room } from './pipeline/room.ts'
import { createReceiptLane } from './receipts/receipt-lane.ts'
import { createDirtyMarks } from './rollup/dirty-marks.ts'
import { createRollupWorker } from './rollup/rollup-worker.ts'
import type { Delivery, Publisher, Source } from './sources/source.ts'
import { createWays, type Ways } from './sources/ways.ts'
import type { createConnection } from './store/connection.ts'
import { openStore } from './store/open-store.ts'
import { explain, sqlStateOf } from './store/refusal.ts'
import type { KeptWaves } from './waves/kept-devices.ts'
import { createWaveLane } from './waves/wave-lane.ts'
import { waveReports } from './waves/reports.ts'

export interface BridgeParts {
  readonly databaseUrl: string
  /** How connections to it are made; PostgreSQL's unless told. */
  readonly connect?: typeof createConnection
  readonly source: Source & Publisher
  /** Further ways in beside it, e.g. HL7; receipts and live values still go out by `source`. */
  readonly doors?: readonly Source[]
  /** Names this process among the bridges of one database; never used twice. */
  readonly bridgeId: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Registry
  /** Of what waits in memory, and of the ranges in one row of the ledger. */
  readonly limits?: { readonly objects: number; readonly bytes: number; readonly ranges?: number }
  /** Told after each COMMIT. */
  readonly onCommitted?: () => void
  /** Age at which samples are closed into segments; never without it. */
  readonly closeAfterMs?: number | undefined
  /** How long each class of data is kept; for ever without it. */
  readonly keepDays?: RetentionDays | undefined
  /** Whose waveforms are stored; nobody's without it. */
  readonly keepWaves?: KeptWaves | undefined
}

export interface Bridge {
  /** Resolves once the source delivers for the first time. */
  ready(): Promise<void>
  health(): readonly HealthFact[]
  /** Rolls up everything that is due, now. Answers how many minutes that were. */
  rollUpNow(): Promise<number>
  /** Closes every sample that is old enough, now. Answers how many rows that were. */
  closeNow(): Promise<number>
  /** Stores every waveform frame at hand, now. */
  storeWavesNow(): Promise<void>
  /** Takes no more, finishes what is in hand, sends its receipts and lets go. */
  stop(): Promise<void>
}

/** How long a stop waits for the database to take what is in hand; the whole ward has ten seconds. */
const FINISH_WITHIN_MS = 4_000

/** Puts the durable lane together and starts it. Neither the broker nor the database need to be there yet. */
export function startBridgeWith(parts: BridgeParts): Bridge {
  const { source, doors = [], clock, random, log, bridgeId } = parts
  const ways = createWays([source, ...doors])
  const metrics = createBridgeMetrics(parts.metrics)
  const watch = createDatabaseWatch(log)
  const marks = createDirtyMarks(clock)
  const room = createRoom(parts.limits)
  const store = openStore({ url: parts.databaseUrl, ...(parts.connect && { connect: parts.connect }), bridgeId, marks, clock, ranges: parts.limits?.ranges, onConnected: () => receipts.recheck(), onFailure: watch.failed })
  const receipts = createReceiptLane({ store, publisher: source, metrics, clock, random, log, onFailure: watch.failed })
  const committer = createCommitter({
    store,
    metrics,
    clock,
    onCommitted(states) {
      watch.answered()
      for (const state of states) receipts.committed(state)
      parts.onCommitted?.()
    },
  })
  const batcher = new Batcher<Pending>({
    sizeOf: (pending) => pending.items.length,
    commit: (batch) => committer.commit(batch).then(() => giveBack(batch, room, ways)),
    onFailure: (error) => commitFailed(error, metrics, watch),
    handBack: (pending) => handBack(pending, room, metrics),
    clock,
    random,
  })
  const rollups = createRollupWorker({ database: store.rollup, marks, clock, bridgeId, settled: () => committer.settled(), busy: () => room.objects > 0, ...rollupReports(metrics, watch, log) })
  const housekeeping = startHousekeeping({ database: store.closing, clock, metrics, watch, log, busy: () => room.objects > 0, closeAfterMs: parts.closeAfterMs, keepDays: parts.keepDays })
  const waves = createWaveLane({ database: store.waves, keep: parts.keepWaves, clock, ...waveReports(metrics, watch) })
  watchFigures({ metrics, room, batcher, clock, watch, source, receiptsWaiting: () => receipts.waiting })
  const intake = createIntake({
    decoder: createDecoder(),
    room,
    metrics,
    accept: (pending) => batcher.add(pending),
    onNotice: (notice) => store.notices.add(notice),
    onState: (delivery) => answerBirth(receipts, delivery),
    onWave: (delivery) => waves.take(delivery),
  })
  startLanes(ways, createLiveLane({ publisher: source, metrics, now: () => clock.now() }), intake)

  return {
    ready: () => ways.ready(),
    health: () => healthOf(ways, watch, room),
    rollUpNow: () => rollups.runNow(),
    closeNow: () => housekeeping.closeNow(),
    storeWavesNow: () => waves.storeNow(Number.POSITIVE_INFINITY),
    async stop() {
      const giveUp = clock.after(FINISH_WITHIN_MS, () => store.abort())
      await ways.pause()
      await batcher.drain()
      receipts.finish()
      await Promise.all([rollups.stop(), housekeeping.stop(), waves.stop()])
      await store.close()
      giveUp()
      await ways.stop()
    },
  }
}

function commitFailed(error: unknown, metrics: BridgeMetrics, watch: DatabaseWatch): void {
  metrics.batches.labels('away').inc()
  watch.failed(error)
}

function startLanes(ways: Ways, live: (delivery: Delivery) => void, durable: (delivery: Delivery) => void): void {
  const packs = createPackLane(live)
  const onDelivery = (delivery: Delivery): void => {
    packs(delivery)
    durable(delivery)
  }
  ways.start({ onDelivery }, live)
}

function answerBirth(receipts: ReturnType<typeof createReceiptLane>, delivery: Delivery): void {
  receipts.onState(delivery.topic, delivery.payload)
  delivery.settle('stored')
}

function giveBack(batch: readonly Pending[], room: Room, ways: Ways): void {
  let roomAgain = false
  for (const { items, bytes } of batch) roomAgain = room.give(items.length, bytes) || roomAgain
  if (roomAgain) ways.roomAgain()
}

function handBack({ delivery, items, bytes }: Pending, room: Room, metrics: BridgeMetrics): boolean {
  if (!delivery.returnable) return false
  room.give(items.length, bytes)
  metrics.handedBack.inc()
  delivery.settle('released')
  return true
}

function rollupReports(metrics: BridgeMetrics, watch: DatabaseWatch, log: Log) {
  let lastWhy = ''
  return {
    onRolledUp(buckets: number, tookMs: number) {
      metrics.rollups.inc(buckets)
      metrics.rollupSeconds.observe(tookMs / 1000)
    },
    onLooked: watch.answered,
    onFailure(error: unknown) {
      metrics.rollupFailures.inc()
      // An answer of PostgreSQL (a timeout, a deadlock) says nothing against the database: the batches go on.
      if (sqlStateOf(error) === undefined) return watch.failed(error)
      const why = explain(error)
      if (why !== lastWhy) log.warn({ why }, 'bridge.rollup_failed')
      lastWhy = why
    },
  }
}

interface Watched {
  readonly metrics: BridgeMetrics
  readonly room: Room
  readonly batcher: Batcher<Pending>
  readonly clock: Clock
  readonly watch: DatabaseWatch
  readonly source: Source
  readonly receiptsWaiting: () => number
}

function watchFigures({ metrics, room, batcher, clock, watch, source, receiptsWaiting }: Watched): void {
  metrics.watch({
    waitingObjects: () => room.objects,
    waitingBytes: () => room.bytes,
    oldestMs() {
      // Read once: between two readings a millisecond may pass, and nothing has waited for less than none.
      const now = clock.now()
      return now - (batcher.oldest()?.receivedAt ?? now)
    },
    receiptsWaiting,
    databaseUp: watch.up,
    connected: () => source.facts().connected,
  })
}

function healthOf(ways: Ways, watch: DatabaseWatch, room: Room): readonly HealthFact[] {
  return [
    ...ways.health(),
    { name: 'database', ok: watch.up(), detail: watch.detail() },
    { name: 'room', ok: !room.isFull(), detail: `${room.objects} objects waiting` },
  ]
}
