/** A stretch of time in which one device's samples count; `toMs` is exclusive. */
export interface Span {
  readonly deviceNo: number
  readonly deviceId: string
  readonly fromMs: number
  readonly toMs: number
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** The parts of the spans inside a range, in order of time. */
export function clip(spans: readonly Span[], fromMs: number, toMs: number): Span[] {
  return spans
    .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) }))
    .filter((span) => span.fromMs < span.toMs)
    .sort((a, b) => a.fromMs - b.fromMs)
}

export type Source = 'sample' | 'rollup_1m' | 'rollup_1h'

export interface Piece {
  readonly source: Source
  readonly deviceNo: number
  readonly fromMs: number
  readonly toMs: number
}

const FINER: Readonly<Record<Source, { source: Source; bucketMs: number } | undefined>> = {
  rollup_1h: { source: 'rollup_1m', bucketMs: HOUR_MS },
  rollup_1m: { source: 'sample', bucketMs: MINUTE_MS },
  sample: undefined,
}

/**
 * Where each part of a span is read: whole buckets from the roll-up, the ends from the next finer table. A bucket at an end
 * also holds what was measured outside the span, and across a transfer that is another patient.
 */
export function pieces(span: Span, source: Source): Piece[] {
  const finer = FINER[source]
  const { deviceNo, fromMs, toMs } = span
  if (fromMs >= toMs) return []
  if (!finer) return [{ source, deviceNo, fromMs, toMs }]
  const first = Math.ceil(fromMs / finer.bucketMs) * finer.bucketMs
  const last = Math.floor(toMs / finer.bucketMs) * finer.bucketMs
  if (first >= last) return pieces(span, finer.source)
  return [
    ...pieces({ ...span, toMs: first }, finer.source),
    { source, deviceNo, fromMs: first, toMs: last },
    ...pieces({ ...span, fromMs: last }, finer.source),
  ]
}
