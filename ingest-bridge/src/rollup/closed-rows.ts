import { coreSignals } from '@vigil/contract'
import type { SegmentRows } from '@vigil/contract/segments/segment'
import type { DeviceHour } from '../closing/segment-pg.ts'
import { type Bucket, bucketKey, minuteOf } from './dirty-marks.ts'

const US_PER_MS = 1_000

/**
 * The rows of closed hours that lie in the given minutes, as one array per column: device, time (microseconds since the Unix epoch),
 * ledger, number, then each core signal. `undefined`: there are none.
 */
export function closedRows(segments: readonly { readonly at: DeviceHour; readonly rows: SegmentRows }[], buckets: readonly Bucket[]): (number | null)[][] | undefined {
  const wanted = new Set(buckets.map(bucketKey))
  const columns: (number | null)[][] = Array.from({ length: 4 + coreSignals.length }, () => [])
  for (const { at, rows } of segments) {
    for (const [i, t] of rows.t.entries()) {
      if (!wanted.has(bucketKey({ at: minuteOf(t / US_PER_MS), deviceNo: at.deviceNo }))) continue
      const row = [at.deviceNo, t, rows.ledgerNo[i] as number, rows.seq[i] as number, ...coreSignals.map((name) => orNull(rows.values.get(name)?.[i]))]
      for (const [column, value] of row.entries()) columns[column]?.push(value)
    }
  }
  return columns[0]?.length === 0 ? undefined : columns
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
