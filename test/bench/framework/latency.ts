import type { Board } from '../load/orders.ts'
import type { Measures } from './benchmark.ts'
import { quantile } from './statistics.ts'

export interface Rate {
  readonly devices: number
  /** Messages a second of all boards together. */
  readonly perSecond: number
  readonly seconds: number
}

/** When PostgreSQL stamped the commit of an object (`track_commit_timestamp`), microseconds since the Unix epoch. */
export interface CommittedAt {
  readonly device: string
  readonly seq: number
  readonly at: number | string
}

/** From handing an object to the socket to its commit, by the same clock for every side. */
export function latencies(sentAtUs: readonly (readonly number[])[], boards: readonly Board[], committed: readonly CommittedAt[]): Measures {
  const sentOf = new Map(boards.map(({ id }, i) => [id, sentAtUs[i] ?? []]))
  const tookMs = committed.map(({ device, seq, at }) => (Number(at) - (sentOf.get(device)?.[seq - 1] ?? Number.NaN)) / 1_000)
  return { p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), worstMs: quantile(tookMs, 1) }
}
