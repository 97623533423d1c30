import type { Log } from '@vigil/program'
import type { DatabaseWatch } from '../database-watch.ts'
import type { BridgeMetrics } from '../metrics.ts'
import { explain, sqlStateOf } from '../store/refusal.ts'
import type { CloserOptions } from './closer.ts'

/** What closing tells the figures and the log. */
export function closingReports(metrics: BridgeMetrics, watch: DatabaseWatch, log: Log): Pick<CloserOptions, 'onClosed' | 'onInexact' | 'onFailure'> {
  return {
    onClosed(rows, tookMs) {
      metrics.closedRows.inc(rows)
      metrics.closingSeconds.observe(tookMs / 1000)
    },
    onInexact({ deviceNo, hourMs }, error) {
      metrics.closingInexact.inc()
      log.error({ deviceNo, hour: new Date(hourMs).toISOString(), why: explain(error) }, 'bridge.hour_left_open')
    },
    onFailure(error) {
      metrics.closingFailures.inc()
      if (sqlStateOf(error) === undefined) watch.failed(error)
      else log.warn({ why: explain(error) }, 'bridge.closing_failed')
    },
  }
}
