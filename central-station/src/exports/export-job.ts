import type { ExportJob, WardScope } from '@vigil/contract'
import { field, iso, isoField } from '../iso.ts'
import type { ExportPage } from './export-lines.ts'
import type { ExportSpan } from './export-spans.ts'

/** What is asked for, checked. */
export interface ExportChoice {
  readonly format: 'csv' | 'ndjson'
  readonly gzip: boolean
  readonly beds: readonly string[]
  readonly stays: readonly string[]
  readonly devices: readonly string[]
  readonly signals: readonly string[]
  readonly fromMs: number
  readonly toMs: number
}

/** A job as it is kept beside its file; times are ms since the Unix epoch. */
export interface ExportFact extends ExportChoice {
  readonly id: string
  readonly by: string
  /** Wards its maker saw: nobody who sees less gets the file. */
  readonly wards: WardScope
  readonly state: ExportJob['state']
  readonly samples: number
  readonly rows: number
  readonly share: number
  readonly bytes: number
  readonly createdAtMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly why: string | null
}

/** Port: what the durable lane stored, page by page. */
export interface ExportSource {
  spans(choice: ExportChoice): Promise<ExportSpan[]>
  /** Samples in these, by the ledger: close enough to say how far it is. */
  expected(spans: readonly ExportSpan[]): Promise<number>
  /** At most `most` samples; `undefined` when there are more. */
  page(span: ExportSpan, signals: readonly string[], most: number): Promise<ExportPage | undefined>
}

/** A file is there for so long after it was made. */
export const KEPT_MS = 24 * 3_600_000

export function fileNameOf({ format, gzip, fromMs, id }: Pick<ExportFact, 'format' | 'gzip' | 'fromMs' | 'id'>): string {
  return `vigil-${iso(fromMs).slice(0, 10)}-${id.slice(-8)}.${format}${gzip ? '.gz' : ''}`
}

export function viewOfExport(fact: ExportFact, nowMs: number): ExportJob {
  const { id, format, gzip, beds, stays, devices, signals, state, samples, rows, share, bytes, createdAtMs, endedAtMs, why } = fact
  return {
    id, format, gzip, state, samples, rows, share, bytes,
    beds: [...beds],
    stays: [...stays],
    devices: [...devices],
    signals: [...signals],
    from: iso(fact.fromMs),
    to: iso(fact.toMs),
    fileName: fileNameOf(fact),
    createdAt: iso(createdAtMs),
    ...isoField('endedAt', endedAtMs),
    ...isoField('expectedAt', expectedAtMs(fact, nowMs)),
    ...isoField('expiresAt', endedAtMs === null ? null : endedAtMs + KEPT_MS),
    ...field('why', why),
  }
}

/** As fast as it went so far; nothing before there is anything to go by. */
function expectedAtMs({ state, share, startedAtMs }: ExportFact, nowMs: number): number | null {
  if (state !== 'running' || startedAtMs === null || share < 0.01) return null
  return Math.round(startedAtMs + (nowMs - startedAtMs) / share)
}
