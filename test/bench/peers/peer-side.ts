import { performance } from 'node:perf_hooks'
import { until } from '@vigil/ops/testing'
import type { Contestant } from '../framework/benchmark.ts'
import { latencies, type Rate } from '../framework/latency.ts'
import { type Fleet, startFleet } from '../load/fleet.ts'
import type { Board } from '../load/orders.ts'
import { makeBoards } from '../stage/durable-lane.ts'
import { startMosquitto } from '../stage/mosquitto.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'
import { makePeerDatabase, storedRows } from './peer-table.ts'

/** A program that takes telemetry from a broker to `peer_sample`. */
export type Peer = (stage: Stage, port: number, databaseUrl: string) => Promise<unknown>

export interface PeerStage {
  readonly fleet: Fleet
  readonly databaseUrl: string
  readonly boards: readonly Board[]
}

const LOOK_EVERY_MS = 20
const STORED_WITHIN_MS = 55_000

/** Mosquitto, the peer, and boards that talk through them. */
export async function startPeer(stage: Stage, peer: Peer, devices: number): Promise<PeerStage> {
  const databaseUrl = await makePeerDatabase(stage)
  const { port } = await startMosquitto(stage)
  await peer(stage, port, databaseUrl)
  const fleet = startFleet(stage)
  const boards = makeBoards(devices)
  await fleet.ask({ do: 'connect', port, boards, receipts: false })
  return { fleet, databaseUrl, boards }
}

/** From the first byte out to the last row committed. A peer tells nobody what it has stored, so its table is counted. */
export async function peerThroughput(stage: Stage, peer: Peer, { devices, messages, window }: { devices: number; messages: number; window: number }): Promise<Contestant> {
  const { fleet, databaseUrl } = await startPeer(stage, peer, devices)
  return {
    async run() {
      await query(databaseUrl, 'truncate peer_sample')
      const startedAt = performance.now()
      const { objects, epoch } = await fleet.ask({ do: 'publish', messages: stage.scaled(messages), batch: 1, window, unreceipted: 0 })
      await until('the peer has stored everything', STORED_WITHIN_MS, async () => ((await storedRows(databaseUrl, epoch)) === objects ? true : undefined), LOOK_EVERY_MS)
      return { perSecond: objects / ((performance.now() - startedAt) / 1_000) }
    },
  }
}

const COMMITTED_AT = `select device, seq::int, extract(epoch from pg_xact_commit_timestamp(xmin)) * 1e6 as at from peer_sample where epoch = $1`

/** Messages at a fixed rate: how long from the board to the commit. */
export async function peerLatency(stage: Stage, peer: Peer, { devices, perSecond, seconds }: Rate): Promise<Contestant> {
  const { fleet, databaseUrl, boards } = await startPeer(stage, peer, devices)
  return {
    async run() {
      await query(databaseUrl, 'truncate peer_sample')
      const paced = await fleet.ask({ do: 'pace', perSecond, seconds: stage.scaled(seconds) })
      await until('the peer has stored everything', STORED_WITHIN_MS, async () => ((await storedRows(databaseUrl, paced.epoch)) === paced.objects ? true : undefined), LOOK_EVERY_MS)
      return latencies(paced.sentAtUs, boards, await query(databaseUrl, COMMITTED_AT, [paced.epoch]))
    },
  }
}
