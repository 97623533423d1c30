import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DatabaseWatch } from '../database-watch.ts'
import type { BridgeMetrics } from '../metrics.ts'
import type { Database } from '../store/connection.ts'
import { explain, sqlStateOf } from '../store/refusal.ts'
import { Closer } from './closer.ts'
import { closingReports } from './reports.ts'
import { Retention, type RetentionDays } from './retention.ts'

export interface HousekeepingOptions {
  readonly database: Database
  readonly clock: Clock
  readonly metrics: BridgeMetrics
  readonly watch: DatabaseWatch
  readonly log: Log
  readonly busy: () => boolean
  /** Age at which samples are closed; never without it. */
  readonly closeAfterMs: number | undefined
  /** Nothing is dropped without it. */
  readonly keepDays: RetentionDays | undefined
}

export interface Housekeeping {
  closeNow(): Promise<number>
  stop(): Promise<void>
}

/** What keeps the store small: closing, and dropping what is too old. */
export function startHousekeeping({ database, clock, metrics, watch, log, busy, closeAfterMs, keepDays }: HousekeepingOptions): Housekeeping {
  const closer = closeAfterMs === undefined ? undefined : new Closer({ database, clock, afterMs: closeAfterMs, busy, ...closingReports(metrics, watch, log) })
  const retention =
    keepDays === undefined
      ? undefined
      : new Retention({
          database,
          clock,
          days: keepDays,
          onDropped(what, rows) {
            metrics.retentionDropped.labels(what).inc(rows)
            log.info({ what, rows, keptDays: keepDays[what] }, 'bridge.dropped_as_too_old')
          },
          onFailure(error) {
            if (sqlStateOf(error) === undefined) watch.failed(error)
            else log.warn({ why: explain(error) }, 'bridge.retention_failed')
          },
        })
  return {
    closeNow: async () => (await closer?.runNow()) ?? 0,
    async stop() {
      await Promise.all([closer?.stop(), retention?.stop()])
    },
  }
}
